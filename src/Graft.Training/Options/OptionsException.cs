using System.Globalization;
using Graft.Infrastructure;

namespace Graft.Training;

/// <summary>An option with a value that it cannot have.</summary>
/// <param name="Property">Path of the property: "FineTune.BodyRate".</param>
/// <param name="Value">The value as text; empty where several options contradict each other.</param>
/// <param name="Reason">The reason and the way out: "it must lie between 0 and 1".</param>
public sealed record OptionProblem(string Property, string Value, string Reason)
{
    /// <summary>One line: the property, its value and the reason.</summary>
    public override string ToString() => Describe(Property);

    /// <summary>The same line with another name for the property, such as a command-line flag.</summary>
    public string Describe(string name) =>
        Value.Length == 0
            ? $"'{Printable.Text(name)}' cannot be used: {Reason}"
            : $"'{Printable.Text(name)}' cannot be {Printable.Text(Value)}: {Reason}";
}

/// <summary>Options that cannot be used. The message names all problems on one line.</summary>
public sealed class OptionsException : ArgumentException
{
    /// <param name="problems">At least one.</param>
    public OptionsException(IReadOnlyList<OptionProblem> problems)
        : base(string.Join("; ", problems)) => Problems = problems;

    /// <summary>Every problem, in the order of the options.</summary>
    public IReadOnlyList<OptionProblem> Problems { get; }
}

/// <summary>Collects the problems of options, so that one exception names all of them.</summary>
internal sealed class OptionProblems
{
    private readonly List<OptionProblem> _problems = [];
    private readonly string _prefix;

    public OptionProblems()
        : this("", []) { }

    private OptionProblems(string prefix, List<OptionProblem> problems) => (_prefix, _problems) = (prefix, problems);

    /// <summary>The same list for the options in the property <paramref name="name"/>.</summary>
    public OptionProblems Within(string name) => new($"{_prefix}{name}.", _problems);

    /// <summary>Adds a problem where <paramref name="value"/> lies outside the range. Null is always in range.</summary>
    public void Range(string property, double? value, double least, double most)
    {
        if (value is double given && !(given >= least && given <= most))
        {
            Add(property, given.ToString(CultureInfo.InvariantCulture), Between(least, most));
        }
    }

    /// <summary>Adds a problem where <paramref name="value"/> lies outside the range. Null is always in range.</summary>
    public void Range(string property, TimeSpan? value, TimeSpan least, TimeSpan most)
    {
        if (value is TimeSpan given && !(given >= least && given <= most))
        {
            Add(property, $"{given}", $"it must lie between {least} and {most}");
        }
    }

    /// <summary>Adds a problem. <paramref name="value"/> is empty where several options contradict each other.</summary>
    public void Add(string property, string value, string reason) => _problems.Add(new(_prefix + property, value, reason));

    /// <exception cref="OptionsException">There is at least one problem.</exception>
    public void Throw()
    {
        if (_problems.Count > 0)
        {
            throw new OptionsException(_problems);
        }
    }

    private static string Between(double least, double most) =>
        string.Create(CultureInfo.InvariantCulture, $"it must lie between {least} and {most}");
}
