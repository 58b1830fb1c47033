using Graft.Onnx;
using Graft.Training.FineTuning;

namespace Graft.Training.Tests.FineTuning;

public sealed class SearchPlanTests
{
    private static readonly CutPoint s_usual = new("usual", "Relu", [8], 10, 10, 600, 400);
    private static readonly CutPoint s_later = new("later", "Relu", [8], 15, 5, 850, 150);

    [Fact]
    public void Rates_at_the_usual_cut_are_kept_longest_and_the_usual_setting_always()
    {
        SearchPlan plan = Plan(new())!;
        List<string> counts = [];
        for (SearchPlan? left = plan; left is not null; left = left.LimitedTo(left.Work - 1))
        {
            counts.Add($"{left.Settings.Count}/{left.SecondCount}");
            Assert.Equal(("usual", 0.01), (left.Settings[0].Cut.Edge, left.Settings[0].Rate));
        }

        Assert.Equal(
            ["usual 0.01", "usual 0.00333", "usual 0.03", "later 0.01", "later 0.00333", "later 0.03"],
            plan.Settings.Select(s => FormattableString.Invariant($"{s.Cut.Edge} {s.Rate:0.#####}"))
        );
        Assert.Equal(["6/3", "5/2", "4/2", "3/2", "2/2"], counts);
    }

    [Fact]
    public void Its_work_is_that_of_all_trials_of_both_rungs()
    {
        SearchPlan plan = Plan(new())!.LimitedTo(Plan(new())!.Work - 1)!;

        double epoch = 3 * 100 * (400 + 400 + 400 + 150 + 150);
        double second = 2 * 3 * 100 * (400 + 400);
        double judged = 2 * 20 * (400 + 400 + 400 + 150 + 150 + 400 + 400);
        Assert.Equal(epoch + second + judged, plan.Work);
    }

    [Fact]
    public void What_is_given_is_not_searched()
    {
        Assert.All(Plan(new() { BodyRate = 0.02 })!.Settings, setting => Assert.Equal(0.02, setting.Rate));
        Assert.All(Plan(new(), s_usual)!.Settings, setting => Assert.Equal(s_usual, setting.Cut));
        Assert.Null(Plan(new() { BodyRate = 0.02 }, s_usual));
        Assert.Null(Plan(new() { Search = SettingSearch.None }));
    }

    [Fact]
    public void A_large_sets_trials_take_a_part_of_it()
    {
        Assert.Equal(900, SearchPlan.Of([s_usual], new(), 4, 5000, 750)!.TrainingCount);
        Assert.Equal(
            (2, 4),
            (
                SearchPlan.Of([s_usual], new(), 16, 100, 20)!.Epochs,
                SearchPlan.Of([s_usual], new(), 16, 100, 20)!.SecondEpochs
            )
        );
    }

    private static SearchPlan? Plan(FineTuneOptions options, params CutPoint[] cuts) =>
        SearchPlan.Of(cuts.Length == 0 ? [s_usual, s_later] : cuts, options, 8, 100, 20);
}
