using Graft.Infrastructure;

namespace Graft.Training.Run;

/// <summary>Turns errors of the disk into one line with the way out.</summary>
internal static class RunStorage
{
    /// <exception cref="RunStoppedException">The disk refused a read or a write.</exception>
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
                : $"{Printable.Text(error.Message.TrimEnd('.'))}; "
                    + "all files that exist are complete: correct that and resume the run";
        return new(folder, $"'{name}' cannot be written: {reason}", error);
    }
}
