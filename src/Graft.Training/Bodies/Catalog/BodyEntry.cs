using Graft.Imaging;

namespace Graft.Training.Bodies;

/// <summary>A named network of the catalogue.</summary>
/// <param name="Architecture">Builds the graph.</param>
/// <param name="ParameterCount">
/// Number of trainable values with 1000 classes, without batch-norm's running statistics.
/// </param>
/// <param name="Preprocessing">How images are prepared for weights that the catalogue does not know.</param>
/// <param name="Aliases">Other names. Letter case, "-", "_" and "." do not matter in any name.</param>
/// <param name="Weights">The known weight files; the first one with an address is downloaded.</param>
internal sealed record BodyEntry(
    Architecture Architecture,
    long ParameterCount,
    Preprocessing Preprocessing,
    IReadOnlyList<string> Aliases,
    IReadOnlyList<KnownWeights> Weights
)
{
    /// <summary>The name that torchvision or timm gives the network.</summary>
    public string Name => Architecture.Name;

    /// <summary>
    /// How images are prepared for the weights of Keras applications; null where it is <see cref="Preprocessing"/>.
    /// </summary>
    public Preprocessing? KerasPreprocessing { get; init; }

    /// <summary>
    /// Default side of the square input for transfer, in pixels; null uses the size of the pretraining. Random crops
    /// in pretraining enlarge objects, and a larger input makes up for it (Touvron et al. 2019, arXiv 1906.06423,
    /// "Fixing the train-test resolution discrepancy", section 3).
    /// </summary>
    public int? TransferSize { get; init; }

    /// <summary>Side of the square input in pretraining, in pixels.</summary>
    public int InputSize => Preprocessing.Width;

    /// <summary>The weights that can be downloaded; null where no address or no checksum is known.</summary>
    public KnownWeights? DownloadableWeights =>
        Weights.FirstOrDefault(w => w.Address is not null && w.Sha256.Length >= 8);

    /// <summary>The weights that a package Graft.Weights.* brings; null where none does.</summary>
    public KnownWeights? PackagedWeights => Weights.FirstOrDefault(w => w.Packaged is not null);

    /// <summary>The known weights with a file's SHA-256; null where the file is unknown.</summary>
    public KnownWeights? Recognise(string sha256) =>
        Weights.FirstOrDefault(w => sha256.StartsWith(w.Sha256, StringComparison.Ordinal));
}

/// <summary>A published weight file.</summary>
/// <param name="Sha256">
/// SHA-256 of the file, lower-case hexadecimal; only its first digits where the publisher states no more (torch.hub).
/// </param>
/// <param name="Publisher">Who published the weights, for cards and reports.</param>
/// <param name="Licence">Licence of the weights; null where the publisher states none.</param>
/// <param name="Address">URL of the file at its publisher; null where Graft does not download it.</param>
/// <param name="Preprocessing">How images were prepared in pretraining; null where it is the entry's.</param>
/// <param name="Resource">Name of the embedded resource with the file; null where the file is not embedded.</param>
internal sealed record KnownWeights(
    string Sha256,
    string Publisher,
    string? Licence,
    string? Address = null,
    Preprocessing? Preprocessing = null,
    string? Resource = null
)
{
    /// <summary>The package that brings the file; null where none does.</summary>
    public PackagedFile? Packaged { get; init; }

    /// <summary>Whether <see cref="Sha256"/> has all its digits.</summary>
    public bool IsWholeHash => Sha256.Length == 64;

    /// <summary>The publisher, and the address where there is one.</summary>
    public string Origin => Address is null ? Publisher : $"{Publisher}, {Address}";
}
