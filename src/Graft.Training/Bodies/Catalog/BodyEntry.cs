using Graft.Imaging;

namespace Graft.Training.Bodies;

/// <summary>A named network of the catalogue.</summary>
/// <param name="Architecture">Writes the graph.</param>
/// <param name="ParameterCount">With 1000 classes, without batch-norm's running statistics.</param>
/// <param name="Preprocessing">For weights that the catalogue does not know.</param>
/// <param name="Aliases">Other names. Capitals, "-", "_" and "." do not matter in any name.</param>
/// <param name="Weights">The weight files that are known; the first is the one to fetch.</param>
internal sealed record BodyEntry(
    Architecture Architecture,
    long ParameterCount,
    Preprocessing Preprocessing,
    IReadOnlyList<string> Aliases,
    IReadOnlyList<KnownWeights> Weights
)
{
    public string Name => Architecture.Name;

    /// <summary>
    /// What Keras applications' weights of this network were trained with; null: <see cref="Preprocessing"/>.
    /// </summary>
    public Preprocessing? KerasPreprocessing { get; init; }

    /// <summary>
    /// The side of the square input with which it is transferred where nobody says otherwise; null: as it was
    /// pretrained. Random crops in pretraining show objects larger than they are in
    /// plain views later, which a larger input makes up for (Touvron et al. 2019, "Fixing the train-test resolution
    /// discrepancy", section 3).
    /// </summary>
    public int? TransferSize { get; init; }

    /// <summary>The side of the square input in pretraining, in pixels.</summary>
    public int InputSize => Preprocessing.Width;

    /// <summary>The known weights in a file, by its hash; null where the file is not known.</summary>
    public KnownWeights? Recognise(string sha256) =>
        Weights.FirstOrDefault(w => sha256.StartsWith(w.Sha256, StringComparison.Ordinal));
}

/// <summary>A published weight file.</summary>
/// <param name="Sha256">Lower-case hexadecimal; where its publisher states only the first digits (torch.hub's file
/// names), those.</param>
/// <param name="Publisher">Who made the weights known, for cards and reports.</param>
/// <param name="Licence">Null where the publisher states none for the weights.</param>
/// <param name="Address">Where the publisher keeps the file; null where it is not fetched.</param>
/// <param name="Preprocessing">What the weights were trained with; null: the entry's.</param>
/// <param name="Resource">The embedded resource that holds the file; null where it is not part of Graft.</param>
internal sealed record KnownWeights(
    string Sha256,
    string Publisher,
    string? Licence,
    string? Address = null,
    Preprocessing? Preprocessing = null,
    string? Resource = null
)
{
    public bool IsWholeHash => Sha256.Length == 64;

    public string Origin => Address is null ? Publisher : $"{Publisher}, {Address}";
}
