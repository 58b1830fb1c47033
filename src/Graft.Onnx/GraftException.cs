namespace Graft;

/// <summary>
/// A problem that the user can fix: a file, a folder or an option. The message is one line that names the thing, the
/// reason and the way out.
/// </summary>
public class GraftException : Exception
{
    /// <summary>Creates an exception with a message for the user.</summary>
    /// <param name="message">One line: the thing, the reason and the way out.</param>
    public GraftException(string message)
        : base(message) { }

    /// <summary>Creates an exception with a message for the user and the exception that caused it.</summary>
    /// <param name="message">One line: the thing, the reason and the way out.</param>
    /// <param name="inner">The cause; null if there is none.</param>
    public GraftException(string message, Exception? inner)
        : base(message, inner) { }

    /// <summary>The file, folder, node or edge that the message is about; null if the message names none.</summary>
    public string? Subject { get; init; }

    /// <summary>
    /// Path of the option that is another way out, such as "Data.Layout"; null if there is none. The command names its
    /// flag.
    /// </summary>
    public string? Option { get; init; }

    /// <summary>
    /// The reason and the way out: the message without its subject, or the whole message if there is no subject.
    /// </summary>
    public string Reason
    {
        get => field ?? Message;
        init;
    }
}
