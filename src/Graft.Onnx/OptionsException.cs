using Graft.Infrastructure;

namespace Graft;

/// <summary>An option with a value that cannot be used.</summary>
/// <param name="Property">Path of the property: "FineTune.BodyRate".</param>
/// <param name="Value">The value as text; empty where several options contradict each other.</param>
/// <param name="Reason">The reason and the way out: "it must lie between 0 and 1".</param>
public sealed record OptionProblem(string Property, string Value, string Reason)
{
    /// <summary>One line: the property, its value and the reason.</summary>
    public override string ToString() => Describe(Property);

    /// <summary>The same line with another name for the property, such as a command-line flag.</summary>
    /// <param name="name">What the line calls the property.</param>
    public string Describe(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Value.Length == 0
            ? $"'{Printable.Text(name)}' cannot be used: {Reason}"
            : $"'{Printable.Text(name)}' cannot be {Printable.Text(Value)}: {Reason}";
    }
}

/// <summary>Options that cannot be used. The message names every problem, on one line.</summary>
public sealed class OptionsException : ArgumentException
{
    /// <param name="problems">At least one problem.</param>
    public OptionsException(IReadOnlyList<OptionProblem> problems)
        : base(string.Join("; ", problems)) => Problems = problems;

    /// <summary>All problems, in the order of the options.</summary>
    public IReadOnlyList<OptionProblem> Problems { get; }
}
