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
            throw new GraftException(
                $"'{Printable.Text(path)}' cannot be written: {Printable.Text(error.Message.TrimEnd('.'))}; name "
                    + $"another file with {option}",
                error
            );
        }
    }
}
