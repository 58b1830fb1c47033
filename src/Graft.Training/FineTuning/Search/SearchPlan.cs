using System.Globalization;
using Graft.Onnx;

namespace Graft.Training.FineTuning;

/// <summary>
/// Which settings are tried, and for how long: successive halving in two rungs (Jamieson and Talwalkar 2016), the
/// second twice as long. The cost is counted in multiply-adds, never timed.
/// </summary>
/// <param name="Settings">The settings, the default one first. The last ones are dropped first.</param>
/// <param name="Epochs">Epochs of a trial in the first rung: an eighth of a training's, with a complete
/// schedule.</param>
/// <param name="TrainingCount">Number of images that a trial trains on.</param>
/// <param name="ValidationCount">Number of images that score a trial.</param>
internal sealed record SearchPlan(IReadOnlyList<Setting> Settings, int Epochs, int TrainingCount, int ValidationCount)
{
    private const int FirstRung = 8; // divides the epochs of a training
    private const int MaxImages = 900; // gives as many steps as an eighth of a small set's training
    private const double MaxExtractions = 1.25;
    private const double DeepFactor = 4;
    private const double ForwardAndBackward = 3;
    private const double ScoredTwice = 2; // before the first step and at the end
    private static readonly double[] s_factors = [1, 1.0 / 3, 3];

    /// <summary>Number of settings that are tried whatever they cost: 2 where a loss was asked for, otherwise none.
    /// </summary>
    public int LeastCount { get; init; }

    public int SecondEpochs => 2 * Epochs;

    /// <summary>Number of settings in the second rung, the default one included.</summary>
    public int SecondCount => Math.Max(2, Settings.Count / 2);

    /// <summary>Cost of the whole search in multiply-adds, at most.</summary>
    public double Work =>
        Settings.Sum(setting => WorkOf(setting, Epochs))
        + Settings.Select(setting => WorkOf(setting, SecondEpochs)).OrderDescending().Take(SecondCount).Sum();

    /// <summary>What the search decides, in words.</summary>
    public string Subject =>
        Settings.Any(setting => setting.Loss != Settings[0].Loss)
            ? "how deep, how fast and by which loss"
            : "how deep and how fast";

    /// <summary>The plan as text, which identifies its checkpoint.</summary>
    public string Description =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{string.Join("; ", Settings)} {Epochs} {TrainingCount} {ValidationCount}"
        );

    /// <summary>The default setting, its other loss, every rate at the default cut, then at the others.</summary>
    /// <param name="cuts">The cuts, the default one first.</param>
    /// <param name="request">What is left to the search.</param>
    /// <returns>Null where there is nothing to try.</returns>
    public static SearchPlan? Of(IReadOnlyList<CutPoint> cuts, DepthRequest request)
    {
        double[] rates = request.HasFixedRate
            ? [request.Rate]
            : Array.ConvertAll(s_factors, factor => factor * request.Rate);
        IEnumerable<Setting> settings = cuts.SelectMany(cut =>
            rates.Select(rate => new Setting(cut, rate) { Loss = request.Loss })
        );
        SearchPlan plan = new(
            [.. request.TriesLosses ? WithOtherLoss([.. settings]) : settings],
            Math.Max(1, (int)Math.Round((double)request.Epochs / FirstRung)),
            Math.Min(MaxImages, request.TrainingCount),
            request.ValidationCount
        )
        {
            LeastCount = request.TriesLosses ? 2 : 0,
        };
        return request.Search == SettingSearch.None || request.ValidationCount == 0 || request.Epochs < 2
            ? null
            : plan.LimitedTo(double.PositiveInfinity);
    }

    // The loss was asked for, so it is dropped last.
    private static IEnumerable<Setting> WithOtherLoss(Setting[] settings) =>
        [settings[0], settings[0] with { Loss = LabelLoss.Asymmetric }, .. settings[1..]];

    /// <summary>What the search may cost, in multiply-adds.</summary>
    /// <param name="search">How much is searched.</param>
    /// <param name="extraction">Cost of the extraction, in multiply-adds.</param>
    public static double MaxWork(SettingSearch search, double extraction) =>
        MaxExtractions * extraction * (search == SettingSearch.Deep ? DeepFactor : 1);

    /// <summary>
    /// The first settings, as many as can be tried for so many multiply-adds. Null where fewer than two can.
    /// </summary>
    public SearchPlan? LimitedTo(double work)
    {
        SearchPlan plan = this;
        while (plan.Settings.Count >= 2 && plan.Settings.Count > LeastCount && plan.Work > work)
        {
            plan = plan with { Settings = [.. plan.Settings.SkipLast(1)] };
        }

        return plan.Settings.Count >= 2 ? plan : null;
    }

    /// <summary>Cost of one trial, in multiply-adds.</summary>
    public double WorkOf(Setting setting, int epochs) =>
        setting.Cut.MultiplyAddsAfter
        * ((ForwardAndBackward * epochs * TrainingCount) + (ScoredTwice * ValidationCount));
}
