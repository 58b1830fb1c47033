using Graft.Infrastructure;

namespace Graft.Training.Run;

/// <summary>
/// The machine lets a run down: its disk is full, read-only or gone, its memory does not suffice. What is there is
/// whole, and the run can go on later.
/// </summary>
internal sealed class RunStoppedException(string message, Exception inner) : GraftException(message, inner);

/// <summary>Turns what a disk says into one line with the way out.</summary>
internal static class RunStorage
{
    /// <exception cref="RunStoppedException">The disk refused.</exception>
    public static void Guard(string folder, Action work)
    {
        try
        {
            work();
        }
        catch (Exception error) when (IsRefusal(error))
        {
            throw Problem(folder, error);
        }
    }

    public static bool IsRefusal(Exception error) => error is IOException or UnauthorizedAccessException;

    public static RunStoppedException Problem(string folder, Exception error)
    {
        string name = Printable.Text(folder);
        string reason =
            error is DirectoryNotFoundException && !Directory.Exists(folder)
                ? "it was removed while the run went on; start a new run"
                : $"{Printable.Text(error.Message.TrimEnd('.'))}; what is there is whole: put that right and go on with `graft resume {name}`";
        return new($"'{name}' cannot be written: {reason}", error);
    }
}
