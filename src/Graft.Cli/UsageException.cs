namespace Graft.Cli;

/// <summary>
/// The command line was understood as words, but what it asks for makes no sense; ends with exit code 2.
/// </summary>
/// <param name="message">One line: the thing, the reason, the way out.</param>
internal sealed class UsageException(string message) : GraftException(message);
