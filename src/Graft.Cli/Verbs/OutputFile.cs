using Graft.Infrastructure;

namespace Graft.Cli.Verbs;

/// <summary>A file that the user named by an option.</summary>
internal static class OutputFile
{
    /// <param name="option">By which it was named.</param>
    /// <exception cref="GraftException">It cannot be written.</exception>
    public static void Write(string path, string text, string option)
    {
        try
        {
            AtomicFile.Write(path, text);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Problem(path, option, error);
        }
    }

    /// <summary>The error of a file that cannot be written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="option">By which it was named.</param>
    /// <param name="error">What was thrown.</param>
    public static GraftException Problem(string path, string option, Exception error) =>
        new($"'{Printable.Text(path)}' cannot be written: {Reason(error)}; name another file with {option}", error);

    // some places, such as /proc, answer so to whoever creates a file
    private static string Reason(Exception error) =>
        error is FileNotFoundException or DirectoryNotFoundException
            ? "nothing can be created there"
            : Printable.Text(error.Message.TrimEnd('.'));
}
