namespace Graft.AspNetCore;

/// <summary>Collects what is wrong with options, so that one message names all of it.</summary>
internal sealed class OptionChecks
{
    private readonly List<OptionProblem> _problems = [];

    /// <summary>Notes a problem where a value is out of its range.</summary>
    public void Require(bool isFit, string property, object? value, string reason)
    {
        if (!isFit)
        {
            _problems.Add(new(property, $"{value}", reason));
        }
    }

    /// <summary>Throws where anything was noted.</summary>
    /// <exception cref="OptionsException">Something was noted.</exception>
    public void ThrowIfAny()
    {
        if (_problems.Count > 0)
        {
            throw new OptionsException(_problems);
        }
    }
}
