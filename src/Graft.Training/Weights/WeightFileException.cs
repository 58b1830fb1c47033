using Graft.Infrastructure;

namespace Graft.Training.Weights;

/// <summary>
/// The error of a weight file that is damaged, hostile, of an unknown format, or made for another network.
/// </summary>
public sealed class WeightFileException : GraftException
{
    internal WeightFileException(string path, string place, string reason, Exception? inner = null)
        : base(
            $"'{Printable.Text(path)}' cannot be read: {Printable.Text(place)}: {Printable.Text(reason, ReasonLimit)}",
            inner
        )
    {
        Path = path;
        Subject = path;
        Place = place;
        Reason = reason;
    }

    /// <summary>Path of the file, as the caller gave it.</summary>
    public string Path { get; }

    /// <summary>The place in the file: a byte offset, a tensor, an entry or an opcode.</summary>
    public string Place { get; }

    /// <summary>Longest reason in characters: about a screen, for the list of names of a mismatch.</summary>
    private const int ReasonLimit = 4000;
}
