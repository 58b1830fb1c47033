using Graft.Prediction;

namespace Graft.AspNetCore;

/// <summary>The answer to one request.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Version">Version of the model that answered the first image.</param>
/// <param name="Predictions">One entry an image, in their order.</param>
internal sealed record PredictAnswer(string Model, string Version, IReadOnlyList<ImageAnswer> Predictions);

/// <summary>The answer for one image: either an error, or all other members.</summary>
internal sealed record ImageAnswer
{
    /// <summary>Name of the image.</summary>
    public required string Name { get; init; }

    /// <summary>Why the image cannot be used.</summary>
    public string? Error { get; init; }

    /// <summary>The labels of the image, the most probable first: one, unless images may have several.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>Labels that reach their threshold without being sure; absent where there are none.</summary>
    public IReadOnlyList<string>? UnsureLabels { get; init; }

    /// <summary>The most probable class.</summary>
    public string? Label { get; init; }

    /// <summary>Calibrated probability of the label, 0 to 1.</summary>
    public double? Probability { get; init; }

    /// <summary>False: the model would rather not answer.</summary>
    public bool? IsSure { get; init; }

    /// <summary>False: the image is unlike anything the model was trained on.</summary>
    public bool? IsFamiliar { get; init; }

    /// <summary>Distance from the training images; above 1 is unfamiliar.</summary>
    public double? Unfamiliarity { get; init; }

    /// <summary>The most probable classes, the first one first.</summary>
    public IReadOnlyList<LabelScore>? Scores { get; init; }

    /// <summary>What to know about the image's file.</summary>
    public string? Note { get; init; }

    /// <summary>The answer to an image.</summary>
    /// <param name="result">The prediction or the reason for its absence.</param>
    /// <param name="top">Most classes to list.</param>
    public static ImageAnswer Of(PredictionResult result, int top) =>
        result.Prediction is not { } prediction
            ? new() { Name = result.Path, Error = result.Failure }
            : new()
            {
                Name = result.Path,
                Labels = prediction.Labels,
                UnsureLabels = prediction.UnsureLabels is { Count: > 0 } unsure ? unsure : null,
                Label = prediction.Label,
                Probability = prediction.Probability,
                IsSure = prediction.IsSure,
                IsFamiliar = prediction.IsFamiliar,
                Unfamiliarity = prediction.Unfamiliarity,
                Scores = [.. prediction.Scores.Take(top)],
                Note = prediction.Note,
            };
}
