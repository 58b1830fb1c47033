using System.CommandLine;

namespace Graft.Cli;

/// <summary>A subcommand with what its help says besides its options.</summary>
internal sealed class Verb : Command
{
    public Verb(string name, string description, params string[] examples)
        : base(name, description)
    {
        Examples = examples;
        // never called (Work is); without one a verb with subcommands could not stand alone
        SetAction(_ => ExitCode.Done);
    }

    /// <summary>Command lines that work as they stand.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>As it is typed after `graft`: "train", "bodies import".</summary>
    public string FullName => string.Join(' ', Parents.OfType<Verb>().Select(parent => parent.FullName).Append(Name));

    /// <summary>
    /// Throws a <see cref="UsageException"/> where values are out of their ranges; null: <see cref="Work"/> finds out.
    /// </summary>
    public Action<ParseResult>? Check { get; set; }

    /// <summary>
    /// What is done: gets the parsed command line, the terminal and the token of Ctrl-C, gives the exit code.
    /// </summary>
    public Func<ParseResult, Terminal, CancellationToken, int> Work { get; set; } = (_, _, _) => ExitCode.Done;
}
