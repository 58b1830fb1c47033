using System.Globalization;

namespace Graft.Training.Release;

/// <summary>What the run cost.</summary>
internal static class CostSection
{
    public static PageSection Of(ReportSource source)
    {
        IReadOnlyDictionary<string, double> seconds = source.Evaluation.Seconds;
        double all = seconds.Values.Sum();
        string total =
            all < 120
                ? string.Create(CultureInfo.InvariantCulture, $"{all:0} seconds")
                : string.Create(CultureInfo.InvariantCulture, $"{all / 60:0} minutes");
        return new(
            "cost",
            "Cost and time",
            $"The run took {total} on {PageFormat.Counted(source.Options.TorchThreads, "processor thread")}.",
            [
                Block.Table(
                    "Seconds of each phase",
                    ["phase", "seconds"],
                    seconds.Keys.Select(phase => new PageRow(phase, source.Figures.Number($"seconds.{phase}", "0.0")))
                ),
            ]
        );
    }
}
