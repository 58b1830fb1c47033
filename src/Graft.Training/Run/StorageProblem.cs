using Graft.Infrastructure;

namespace Graft.Training.Run;

/// <summary>Why a file or a folder cannot be written.</summary>
internal static class StorageProblem
{
    /// <summary>Half a sentence, safe to print.</summary>
    public static string Reason(Exception error) =>
        // some places, such as /proc, answer so to whoever creates a file
        error is FileNotFoundException or DirectoryNotFoundException
            ? "nothing can be created there"
            : Printable.Text(error.Message.TrimEnd('.'));
}
