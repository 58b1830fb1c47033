namespace Graft.Training;

/// <summary>How often two classes go wrong in one image, where images may have several labels.</summary>
/// <param name="First">Name of a class. Untrusted text.</param>
/// <param name="Second">Name of another class. Untrusted text.</param>
/// <param name="Confused">
/// Number of images that have <paramref name="First"/> and not <paramref name="Second"/>, and were given the second
/// instead of the first.
/// </param>
/// <param name="MissedTogether">
/// Number of images that have both and were given neither; counted once for the pair, in the order of the classes.
/// </param>
public sealed record LabelPair(string First, string Second, int Confused, int MissedTogether);
