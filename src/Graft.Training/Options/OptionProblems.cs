using System.Globalization;

namespace Graft.Training;

/// <summary>Collects the problems of options, so that one exception names all of them.</summary>
internal sealed class OptionProblems
{
    private readonly List<OptionProblem> _problems;
    private readonly string _prefix;

    public OptionProblems()
        : this("", []) { }

    private OptionProblems(string prefix, List<OptionProblem> problems) => (_prefix, _problems) = (prefix, problems);

    /// <summary>The same list, for the options in the property <paramref name="name"/>.</summary>
    public OptionProblems Within(string name) => new($"{_prefix}{name}.", _problems);

    /// <summary>Adds a problem if <paramref name="value"/> lies outside the range. Null is always inside.</summary>
    public void Range(string property, double? value, double least, double most)
    {
        if (value is double given && !(given >= least && given <= most))
        {
            Add(
                property,
                given.ToString(CultureInfo.InvariantCulture),
                string.Create(CultureInfo.InvariantCulture, $"it must lie between {least} and {most}")
            );
        }
    }

    /// <summary>Adds a problem.</summary>
    /// <param name="value">The value as text; empty where several options contradict each other.</param>
    public void Add(string property, string value, string reason) => Add(new(property, value, reason));

    public void Add(OptionProblem problem) => _problems.Add(problem with { Property = _prefix + problem.Property });

    /// <exception cref="OptionsException">There is at least one problem.</exception>
    public void ThrowIfAny()
    {
        if (_problems.Count > 0)
        {
            throw new OptionsException(_problems);
        }
    }
}
