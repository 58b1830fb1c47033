using Graft.Explanation;

namespace Graft.AspNetCore;

/// <summary>The explanations of one request.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Version">Version of the model that explained the first image.</param>
/// <param name="Explanations">One entry an image, in their order.</param>
internal sealed record ExplainAnswer(string Model, string Version, IReadOnlyList<ImageExplanationAnswer> Explanations);

/// <summary>The explanation of one image: either an error, or all other members.</summary>
internal sealed record ImageExplanationAnswer
{
    private const int Digits = 4;

    /// <summary>Name of the image.</summary>
    public required string Name { get; init; }

    /// <summary>Why the image cannot be used.</summary>
    public string? Error { get; init; }

    /// <summary>The class that is explained.</summary>
    public string? Label { get; init; }

    /// <summary>Calibrated probability of the class, 0 to 1.</summary>
    public double? Probability { get; init; }

    /// <summary>
    /// Evidence for the class at each place that the network sees, 0 to 1, relative to the strongest place: rows from
    /// the top, places from the left.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<double>>? Heat { get; init; }

    /// <summary>What to know about the image's file.</summary>
    public string? Note { get; init; }

    /// <summary>The explanation of an image.</summary>
    public static ImageExplanationAnswer Of(string name, ImageExplanation explanation) =>
        new()
        {
            Name = name,
            Label = explanation.Label,
            Probability = explanation.Prediction.Scores.First(one => one.Label == explanation.Label).Probability,
            Heat = RowsOf(explanation.Heat),
            Note = explanation.Prediction.Note,
        };

    private static double[][] RowsOf(HeatMap heat)
    {
        double[][] rows = new double[heat.Height][];
        for (int y = 0; y < heat.Height; y++)
        {
            rows[y] = new double[heat.Width];
            for (int x = 0; x < heat.Width; x++)
            {
                rows[y][x] = Math.Round(heat[x, y], Digits);
            }
        }

        return rows;
    }
}
