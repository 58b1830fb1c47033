namespace Graft;

/// <summary>
/// Something that the user can mend: a file, a folder, an option. The message is one line that names the thing, the
/// reason and the way out.
/// </summary>
public class GraftException : Exception
{
    public GraftException(string message)
        : base(message) { }

    public GraftException(string message, Exception? inner)
        : base(message, inner) { }
}
