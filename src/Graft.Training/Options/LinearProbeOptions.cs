namespace Graft.Training;

/// <summary>How <see cref="LinearProbe"/> is fitted.</summary>
public sealed record LinearProbeOptions
{
    /// <summary>Seed of the folds.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>
    /// Number of folds of the cross-validation, 2 to 20. A class with fewer images lowers it, to 2 at least.
    /// </summary>
    public int Folds { get; init; } = 5;

    /// <summary>True: every class has the same total weight, however many rows it has.</summary>
    public bool BalancesClasses { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="OptionsException">At least one option cannot be used. The exception names all of
    /// them.</exception>
    public void Validate()
    {
        OptionProblems problems = new();
        problems.Range(nameof(Folds), Folds, 2, 20);
        problems.ThrowIfAny();
    }
}
