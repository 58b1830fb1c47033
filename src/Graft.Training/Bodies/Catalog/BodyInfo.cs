namespace Graft.Training;

/// <summary>Where the weights of a body are.</summary>
public enum BodyAvailability
{
    /// <summary>They are part of this package.</summary>
    Embedded,

    /// <summary>They were pulled or added, and are on this machine.</summary>
    OnDisk,

    /// <summary>The whole network was imported from an ONNX file.</summary>
    Imported,

    /// <summary><see cref="BodyCatalog.Pull"/> downloads them from their publisher.</summary>
    CanBePulled,

    /// <summary>They need a file: <see cref="BodyCatalog.Add"/>, or <see cref="BodySource.Weights"/>.</summary>
    FileNeeded,

    /// <summary>They lie beside the program, because it references a package Graft.Weights.*.</summary>
    Packaged,
}

/// <summary>A network that <see cref="BodySource.Named"/> accepts.</summary>
public sealed record BodyInfo
{
    internal BodyInfo() { }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Other names of it. Capitals, '-', '_' and '.' do not matter in any name.</summary>
    public required IReadOnlyList<string> Aliases { get; init; }

    /// <summary>Number of parameters. Imported bodies are counted without their old head.</summary>
    public required long Parameters { get; init; }

    /// <summary>Multiply-adds for one image. Imported bodies are counted without their old head.</summary>
    public required long MultiplyAdds { get; init; }

    /// <summary>Number of features: channels of the last feature map.</summary>
    public required long FeatureWidth { get; init; }

    /// <summary>Input width in pretraining, in pixels.</summary>
    public required int InputWidth { get; init; }

    /// <summary>Input height in pretraining, in pixels.</summary>
    public required int InputHeight { get; init; }

    /// <summary>Where its weights are.</summary>
    public required BodyAvailability Availability { get; init; }

    /// <summary>True if training can start without a download or another file.</summary>
    public bool IsReady =>
        Availability
            is BodyAvailability.Embedded
                or BodyAvailability.Packaged
                or BodyAvailability.OnDisk
                or BodyAvailability.Imported;

    /// <summary>License of the weights; null if their publisher states none.</summary>
    public string? License { get; init; }

    /// <summary>Publisher of the weights, or the name of the imported file; null if unknown.</summary>
    public string? Origin { get; init; }

    /// <summary>Address of the weights at their publisher; null if none is known.</summary>
    public string? Address { get; init; }

    /// <summary>
    /// A page from which the weights can be fetched by hand; null where <see cref="Address"/> or nothing is known.
    /// </summary>
    public string? WeightsPage { get; init; }

    /// <summary>
    /// Top-1 accuracy on ImageNet-1k that was published for its usual weights, 0 to 1; null if none is known.
    /// </summary>
    public double? ImageNetAccuracy { get; init; }

    /// <summary>Where <see cref="ImageNetAccuracy"/> was published; null if it is not known.</summary>
    public string? AccuracySource { get; init; }

    /// <summary>
    /// SHA-256 of the weights or of the imported file, in lower-case hexadecimal. Some publishers state the first
    /// digits only. Null if unknown.
    /// </summary>
    public string? Sha256 { get; init; }
}
