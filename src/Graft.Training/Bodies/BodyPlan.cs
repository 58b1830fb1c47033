namespace Graft.Training.Bodies;

/// <summary>Which body a training uses, and how its files are read. Built once from the training's options.</summary>
internal sealed record BodyPlan
{
    /// <summary>A name in the catalogue, the name of an imported body, or the path of an ONNX file.</summary>
    public required string Body { get; init; }

    /// <summary>Whether <see cref="Body"/> is a path, whatever its ending.</summary>
    public bool IsFile { get; init; }

    /// <summary>The bodies that are joined; empty for a single one.</summary>
    public IReadOnlyList<BodyPlan> Branches { get; init; } = [];

    /// <summary>
    /// The part of joined bodies that is trained, such as lite2:0.3 or lite2/blocks.5: its branch is the main one.
    /// Null: the one with the most weights is.
    /// </summary>
    public string? TrainedPart { get; init; }

    /// <summary>True where the body is read from an ONNX file.</summary>
    public bool IsOnnxFile => IsFile || Body.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);

    /// <summary>The plan of a body that is trained for the first time.</summary>
    public static BodyPlan Of(BodySource body, Limits limits) =>
        new()
        {
            Body = body.Text,
            IsFile = body.File is not null,
            Branches = [.. body.Branches.Select(branch => Of(branch, limits))],
            Weights = body.Weights,
            InputSize = body.InputSize,
            FeatureEdge = body.FeatureEdge,
            InputTransform = body.InputTransform == BodySource.AutoTransform ? null : body.InputTransform,
            Fit = body.Fit,
            Limits = limits,
        };

    /// <summary>A weight file for a named body; null uses a downloaded file, or else the embedded weights.</summary>
    public string? Weights { get; init; }

    /// <summary>Side of the square input in pixels; null uses the catalogue's choice. Named bodies only.</summary>
    public int? InputSize { get; init; }

    /// <summary>The edge at which the head is cut off; null finds it.</summary>
    public string? FeatureEdge { get; init; }

    /// <summary>
    /// How an ONNX file's images are prepared: a preset's name or the path of a JSON file; null infers it from the
    /// network.
    /// </summary>
    public string? InputTransform { get; init; }

    /// <summary>How images are fitted into the input; null leaves it to the body's input transform.</summary>
    public ImageFit? Fit { get; init; }

    /// <summary>
    /// An earlier model or its run folder, whose body is trained further; null uses <see cref="Body"/>.
    /// </summary>
    public string? ContinueFrom { get; init; }

    /// <summary>Largest files, graphs and images that are accepted.</summary>
    public Limits Limits { get; init; } = new();

    /// <summary>Whether the pretrained classifier is kept beside the body, for co-tuning.</summary>
    public bool KeepsPretrainedHead { get; init; }
}
