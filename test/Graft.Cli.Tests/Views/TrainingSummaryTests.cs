using Graft.Cli.Views;

namespace Graft.Cli.Tests.Views;

/// <summary>The time that a finished training tells.</summary>
public sealed class TrainingSummaryTests
{
    private static readonly Dictionary<string, double> s_phases = new()
    {
        ["read"] = 0.2,
        ["extract"] = 30.1,
        ["probe"] = 9.9,
    };

    [Fact]
    public void The_time_is_that_of_a_stopwatch_and_names_what_no_phase_explains() =>
        Assert.Equal(
            "46 s (extract 30 s, probe 10 s, start, report and checks 6 s)",
            TrainingSummary.Time(s_phases, TimeSpan.FromSeconds(46.2))
        );

    [Fact]
    public void The_time_of_a_resumed_run_is_that_of_all_its_sessions() =>
        Assert.Equal("40 s (extract 30 s, probe 10 s)", TrainingSummary.Time(s_phases, TimeSpan.FromSeconds(12)));
}
