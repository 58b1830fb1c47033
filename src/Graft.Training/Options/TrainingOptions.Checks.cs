using Graft.Prediction;

namespace Graft.Training;

public sealed partial record TrainingOptions
{
    private static readonly TimeSpan s_leastBudget = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_mostBudget = TimeSpan.FromHours(1000);

    /// <summary>
    /// Checks every option, those of the nested records included. An option that differs from its default and has no
    /// effect beside the others is a problem too.
    /// </summary>
    /// <exception cref="OptionsException">An option cannot be used. The exception names all of them.</exception>
    public void Validate() => Validate([]);

    /// <summary>
    /// Checks every option as <see cref="Validate()"/> does, where the caller knows which options its user has given.
    /// </summary>
    /// <param name="given">
    /// Paths of properties, such as "FineTune.BodyRate", that must have an effect even where they have their default
    /// value.
    /// </param>
    /// <exception cref="OptionsException">An option cannot be used. The exception names all of them.</exception>
    public void Validate(IEnumerable<string> given)
    {
        ArgumentNullException.ThrowIfNull(given);
        OptionProblems problems = FindProblems();
        OptionRules.Check(this, given.ToHashSet(StringComparer.Ordinal), problems);
        problems.ThrowIfAny();
    }

    /// <summary>
    /// Checks the options of a run that has begun. Its record holds what was chosen for options that were open, so an
    /// option may have lost its effect.
    /// </summary>
    /// <exception cref="OptionsException">An option cannot be used. The exception names all of them.</exception>
    internal void ValidateRecord() => FindProblems().ThrowIfAny();

    private OptionProblems FindProblems()
    {
        OptionProblems problems = new();
        CheckRanges(problems);
        CheckContradictions(problems);
        CheckDivision(problems);
        if (ContinueFrom is null)
        {
            Body.Check(problems.Within(nameof(Body)));
        }

        foreach (OptionProblem problem in Limits.FindProblems())
        {
            problems.Within(nameof(Limits)).Add(problem);
        }

        Data.Check(problems.Within(nameof(Data)));
        Cache.Check(problems.Within(nameof(Cache)));
        Head.Check(problems.Within(nameof(Head)));
        HeadTraining.Check(problems.Within(nameof(HeadTraining)));
        FineTune.Check(problems.Within(nameof(FineTune)));
        return problems;
    }

    private void CheckRanges(OptionProblems problems)
    {
        if (Task is ClassificationTask task && !Enum.IsDefined(task))
        {
            problems.Add(nameof(Task), $"{task}", "it is single or multi");
        }

        problems.Range(nameof(ValidationShare), ValidationShare, 0.05, 0.5);
        problems.Range(nameof(TestShare), TestShare, 0.05, 0.5);
        problems.Range($"{nameof(Body)}.{nameof(BodySource.InputSize)}", Body.InputSize, 32, 1024);
        problems.Range(nameof(Views), Views, 0, 64);
        problems.Range(nameof(TargetAccuracy), TargetAccuracy, 0, 1);
        if (Budget is TimeSpan budget && !(budget >= s_leastBudget && budget <= s_mostBudget))
        {
            problems.Add(nameof(Budget), $"{budget}", "it must lie between 1 second and 1000 hours");
        }

        problems.Range(nameof(MaxError), MaxError, 0, 0.5);
        problems.Range(nameof(RejectedLimit), RejectedLimit, 0, 1);
        problems.Range(nameof(Threads), Threads, 0, 1024);
        problems.Range(nameof(DecodeThreads), DecodeThreads, 0, 1024);
        problems.Range(nameof(CheckpointMinutes), CheckpointMinutes, 0, 1440);
        problems.Range(nameof(Workers), Workers?.Count, 1, TrainingWorkers.Most);
    }

    private void CheckContradictions(OptionProblems problems)
    {
        BodySource named = Body with { InputSize = null, Fit = null };
        if (ContinueFrom is not null && named != BodySource.Named(BodySource.DefaultName))
        {
            problems.Add(
                nameof(ContinueFrom),
                "",
                "it continues with the body of an earlier model; do not name a body, its weights, edge or transform"
            );
        }

        if (ContinueFrom is not null && FeaturesFrom is not null)
        {
            problems.Add(
                nameof(FeaturesFrom),
                "",
                "it holds the features of a body, and an earlier model is continued; leave one of the two out"
            );
        }

        if (ContinueFrom is not null && FineTune.CoTuning is not null)
        {
            problems.Add(
                "FineTune.CoTuning",
                "",
                "it needs the body's pretrained classifier, which an earlier model does not have; leave it out, "
                    + "or do not continue from an earlier model"
            );
        }

        if (FineTune.Unfreezing == Unfreezing.Progressive && Head.Pooling == Pooling.Stages)
        {
            problems.Add(
                "FineTune.Unfreezing",
                "Progressive",
                "a head on several stages needs all trained layers from the first step; choose another pooling, or Once"
            );
        }
    }

    private void CheckDivision(OptionProblems problems)
    {
        if (ContinueFrom is not null && (UnitsFrom is not null || Workers is not null))
        {
            problems.Add(
                UnitsFrom is null ? nameof(Workers) : nameof(UnitsFrom),
                "",
                "an earlier model is continued in one process; leave one of the two out"
            );
        }

        if (UnitsFrom is not null && Workers is not null)
        {
            problems.Add(nameof(Workers), "", "nothing is left to train where all units are there; leave it out");
        }
    }
}
