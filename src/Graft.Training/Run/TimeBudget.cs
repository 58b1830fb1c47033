using System.Globalization;

namespace Graft.Training.Run;

/// <summary>
/// How long a run may take, earlier sessions included. What has begun is not broken off but shortened: see
/// <c>Phases.EpochLoop</c>.
/// </summary>
/// <param name="limit">Null: as long as it needs.</param>
/// <param name="spent">Seconds up to now.</param>
internal sealed class TimeBudget(TimeSpan? limit, Func<double> spent)
{
    private readonly double _limit = limit?.TotalSeconds ?? double.PositiveInfinity;

    /// <summary>Of a run: its phases' times count.</summary>
    public static TimeBudget Of(TimeSpan? limit, PhaseClock clock) => new(limit, () => clock.Total);

    public bool IsLimited => double.IsFinite(_limit);

    /// <summary>In seconds.</summary>
    public double Spent => spent();

    /// <summary>In seconds, 0 or more.</summary>
    public double Left => Math.Max(0, _limit - spent());

    public bool IsSpent => Left == 0;

    /// <summary>Half a sentence.</summary>
    public string Reason => $"the budget of {Text(Whole ?? TimeSpan.Zero)} is used up";

    // A share ends earlier and is called by the whole's length.
    private TimeSpan? Whole { get; init; } = limit;

    /// <summary>A budget that is spent when a share (0..1) of what is left now is.</summary>
    public TimeBudget Share(double share) =>
        IsLimited ? new(TimeSpan.FromSeconds(spent() + (share * Left)), spent) { Whole = Whole } : this;

    /// <summary>"90s", "5m", "1.5h", as it is typed.</summary>
    public static string Text(TimeSpan time) =>
        time.TotalMinutes < 2 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###}s")
        : time.TotalHours < 2 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0.##}m")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.##}h");
}
