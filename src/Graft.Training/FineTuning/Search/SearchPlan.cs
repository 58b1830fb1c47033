using System.Globalization;
using Graft.Onnx;

namespace Graft.Training.FineTuning;

/// <summary>
/// Which settings are tried, and for how long: successive halving in two rungs (Jamieson and Talwalkar 2016), the
/// second twice as long. What it costs is counted, never timed.
/// </summary>
/// <param name="Settings">The usual one first; what comes later is the first to be given up.</param>
/// <param name="Epochs">Of the first rung: an eighth of a training's, each a whole schedule.</param>
/// <param name="TrainingCount">Images that a trial trains on.</param>
/// <param name="ValidationCount">Images that it is judged by.</param>
internal sealed record SearchPlan(IReadOnlyList<Setting> Settings, int Epochs, int TrainingCount, int ValidationCount)
{
    private const int FirstRung = 8; // the part of a training's epochs
    private const int MostImages = 900; // of a large set these are as many steps as an eighth of a small one's training
    private const double MostOfExtraction = 1.25;
    private const double DeepFactor = 4;
    private const double ForwardAndBackward = 3;
    private const double JudgedTwice = 2; // before the first step and at the end
    private static readonly double[] s_factors = [1, 1.0 / 3, 3];

    public int SecondEpochs => 2 * Epochs;

    /// <summary>Settings of the second rung, the usual one included.</summary>
    public int SecondCount => Math.Max(2, Settings.Count / 2);

    /// <summary>In multiply-adds, where every comparison is a close one.</summary>
    public double Work =>
        Settings.Sum(setting => WorkOf(setting, Epochs))
        + Settings.Select(setting => WorkOf(setting, SecondEpochs)).OrderDescending().Take(SecondCount).Sum();

    /// <summary>As text: what a checkpoint of it belongs to.</summary>
    public string Description =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{string.Join("; ", Settings)} {Epochs} {TrainingCount} {ValidationCount}"
        );

    /// <summary>Every rate at the usual cut, then at the others.</summary>
    /// <param name="cuts">The usual one first.</param>
    /// <param name="trainingCount">Images that a trial could train on.</param>
    /// <returns>Null where the options leave nothing to try.</returns>
    public static SearchPlan? Of(
        IReadOnlyList<CutPoint> cuts,
        FineTuneOptions options,
        int epochs,
        int trainingCount,
        int judgedCount
    )
    {
        double usual = FineTuningPlans.RateOf(options);
        double[] rates = options.BodyRate is null ? Array.ConvertAll(s_factors, factor => factor * usual) : [usual];
        SearchPlan plan = new(
            [.. cuts.SelectMany(cut => rates.Select(rate => new Setting(cut, rate)))],
            Math.Max(1, (int)Math.Round((double)epochs / FirstRung)),
            Math.Min(MostImages, trainingCount),
            judgedCount
        );
        return options.Search == SettingSearch.None || judgedCount == 0 || epochs < 2
            ? null
            : plan.LimitedTo(double.PositiveInfinity);
    }

    /// <summary>What the search may cost, in multiply-adds.</summary>
    /// <param name="extraction">What the extraction costs.</param>
    public static double MaxWork(SettingSearch search, double extraction) =>
        MostOfExtraction * extraction * (search == SettingSearch.Deep ? DeepFactor : 1);

    /// <summary>
    /// As many of the settings, the first ones, as can be tried for that many multiply-adds; null where two cannot.
    /// </summary>
    public SearchPlan? LimitedTo(double work)
    {
        SearchPlan plan = this;
        while (plan.Settings.Count >= 2 && plan.Work > work)
        {
            plan = plan with { Settings = [.. plan.Settings.SkipLast(1)] };
        }

        return plan.Settings.Count >= 2 ? plan : null;
    }

    /// <summary>Of one trial, in multiply-adds.</summary>
    public double WorkOf(Setting setting, int epochs) =>
        setting.Cut.MultiplyAddsAfter
        * ((ForwardAndBackward * epochs * TrainingCount) + (JudgedTwice * ValidationCount));
}
