namespace Graft.Training;

/// <summary>A weight file in the user's own folder, as <see cref="BodyCatalog"/> pulled or added it.</summary>
public sealed record StoredWeights
{
    internal StoredWeights() { }

    /// <summary>Name of the network that uses the file.</summary>
    public required string Body { get; init; }

    /// <summary>Path of the file.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// SHA-256 that was checked, in lower-case hexadecimal: of the whole file, or the first digits if its publisher
    /// states no more.
    /// </summary>
    public required string Sha256 { get; init; }

    /// <summary>License of the weights; null if their publisher states none, or the file is unknown.</summary>
    public string? License { get; init; }

    /// <summary>Publisher of the weights; null if the file is unknown.</summary>
    public string? Origin { get; init; }
}
