using Graft.Infrastructure;

namespace Graft.Training.Weights;

/// <summary>A weight file that is not used: damaged, hostile, of an unknown kind, or for another network.</summary>
public sealed class WeightFileException : GraftException
{
    internal WeightFileException(string path, string place, string reason, Exception? inner = null)
        : base(
            $"'{Printable.Text(path)}' cannot be read: {Printable.Text(place)}: {Printable.Text(reason, ReasonLimit)}",
            inner
        )
    {
        Path = path;
        Place = place;
        Reason = reason;
    }

    /// <summary>The file, as it was given.</summary>
    public string Path { get; }

    /// <summary>Where in the file: a byte offset, a tensor, an entry, an opcode.</summary>
    public string Place { get; }

    /// <summary>What is wrong there, and the way out where there is one.</summary>
    public string Reason { get; }

    /// <summary>A mismatch lists names; a screen of them is enough.</summary>
    private const int ReasonLimit = 4000;
}
