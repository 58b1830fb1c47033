using Graft.Onnx;
using Graft.Training.FineTuning;

namespace Graft.Training.Tests.FineTuning;

public sealed class SearchPlanTests
{
    private static readonly CutPoint s_usual = new("usual", "Relu", [8], 10, 10, 600, 400);
    private static readonly CutPoint s_later = new("later", "Relu", [8], 15, 5, 850, 150);
    private static readonly DepthRequest s_request = new()
    {
        Rate = 0.01,
        Epochs = 8,
        TrainingCount = 100,
        ValidationCount = 20,
    };

    [Fact]
    public void The_default_setting_is_never_dropped_and_rates_at_its_cut_last_longest()
    {
        SearchPlan plan = Plan(s_request)!;
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
    public void Its_work_is_the_sum_over_all_trials_of_both_rungs()
    {
        SearchPlan plan = Plan(s_request)!.LimitedTo(Plan(s_request)!.Work - 1)!;

        double epoch = 3 * 100 * (400 + 400 + 400 + 150 + 150);
        double second = 2 * 3 * 100 * (400 + 400);
        double judged = 2 * 20 * (400 + 400 + 400 + 150 + 150 + 400 + 400);
        Assert.Equal(epoch + second + judged, plan.Work);
    }

    [Fact]
    public void What_the_options_fix_is_not_searched()
    {
        DepthRequest fixedRate = s_request with { Rate = 0.02, HasFixedRate = true };

        Assert.All(Plan(fixedRate)!.Settings, setting => Assert.Equal(0.02, setting.Rate));
        Assert.All(Plan(s_request, s_usual)!.Settings, setting => Assert.Equal(s_usual, setting.Cut));
        Assert.Null(Plan(fixedRate, s_usual));
        Assert.Null(Plan(s_request with { Search = SettingSearch.None }));
    }

    [Fact]
    public void The_other_loss_is_tried_at_the_default_setting_whatever_it_costs()
    {
        SearchPlan plan = Plan(s_request with { TriesLosses = true })!;
        SearchPlan shortest = plan.LimitedTo(1)!;

        Assert.Equal(7, plan.Settings.Count);
        Assert.Equal([LabelLoss.CrossEntropy, LabelLoss.Asymmetric], shortest.Settings.Select(one => one.Loss));
        Assert.Equal(plan.Settings[0], plan.Settings[1] with { Loss = LabelLoss.CrossEntropy });
        Assert.Equal("how deep, how fast and by which loss", plan.Subject);
        Assert.Equal("how deep and how fast", Plan(s_request)!.Subject);
    }

    [Fact]
    public void A_loss_is_tried_where_cut_and_rate_are_fixed()
    {
        DepthRequest request = s_request with { HasFixedRate = true, TriesLosses = true };

        Assert.Equal(2, Plan(request, s_usual)!.Settings.Count);
        Assert.Null(Plan(request with { Search = SettingSearch.None }, s_usual));
    }

    [Fact]
    public void The_trials_of_a_large_set_use_a_part_of_it()
    {
        SearchPlan large = Plan(s_request with { Epochs = 4, TrainingCount = 5000, ValidationCount = 750 }, s_usual)!;
        SearchPlan small = Plan(s_request with { Epochs = 16 }, s_usual)!;

        Assert.Equal(900, large.TrainingCount);
        Assert.Equal((2, 4), (small.Epochs, small.SecondEpochs));
    }

    private static SearchPlan? Plan(DepthRequest request, params CutPoint[] cuts) =>
        SearchPlan.Of(cuts.Length == 0 ? [s_usual, s_later] : cuts, request);
}
