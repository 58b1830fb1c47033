using Graft.Training.Pipeline;
using Graft.Training.Run;

namespace Graft.Training.Tests.Run;

public sealed class RunForecastTests
{
    private static readonly RunWork s_work = new(
        Plain: 1e10,
        Random: 4e10,
        Search: 1e10,
        FineTuning: 8e10,
        Last: 2e10,
        Test: 5e9
    );

    [Fact]
    public void Nothing_is_estimated_before_the_speed_is_known()
    {
        RunForecast forecast = new(s_work, views: 4);

        Assert.Equal(new PhaseOutlook(1, 6, null), forecast.At("read", new Dictionary<string, double>()));
        Assert.Equal(new PhaseOutlook(2, 6, null), forecast.At("extract", Seconds(("read", 1))));
    }

    [Fact]
    public void The_time_left_follows_from_the_speed_of_the_first_extraction()
    {
        // 1e9 multiply-adds a second: 40 s of views, 10 s of search, 100 s of fine-tuning, 10 s of test images,
        // 1 s of export, and a probe estimated from the 2 s of the first answer
        PhaseOutlook outlook = new RunForecast(s_work, views: 4).At(
            "extract",
            Seconds(("read", 1), ("extract", 11), ("first answer", 2), ("export", 1))
        );

        Assert.Equal((3, 6), (outlook.Number, outlook.Count));
        Assert.Equal(40 + 10 + 100 + 10 + 1 + 15, outlook.Left!.Value.TotalSeconds, 1);
    }

    [Fact]
    public void What_is_done_is_not_estimated_again()
    {
        Dictionary<string, double> seconds = Seconds(
            ("extract", 51),
            ("first answer", 2),
            ("probe", 10),
            ("search", 40),
            ("fine-tune", 70)
        );

        PhaseOutlook outlook = new RunForecast(s_work, views: 4).At("fine-tune", seconds);

        Assert.Equal((5, 6), (outlook.Number, outlook.Count));
        Assert.Equal(20 + 10 + 1, outlook.Left!.Value.TotalSeconds, 1); // the last training, and the release
    }

    [Fact]
    public void A_quick_run_has_four_parts()
    {
        RunForecast forecast = new(s_work with { Random = 0, Search = 0, FineTuning = 0 }, views: 0);

        string[] phases = ["read", "extract", "probe", "export"];
        Assert.Equal([1, 2, 3, 4], phases.Select(phase => forecast.At(phase, Seconds(("read", 1))).Number));
        Assert.Equal(4, forecast.At("evaluate", Seconds(("read", 1))).Count);
    }

    private static Dictionary<string, double> Seconds(params (string Phase, double Value)[] seconds) =>
        seconds.ToDictionary(one => one.Phase, one => one.Value);
}
