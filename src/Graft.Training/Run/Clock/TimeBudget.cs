using System.Globalization;

namespace Graft.Training.Run;

/// <summary>
/// Time that a run may take, earlier sessions included. A phase that has begun is shortened, not aborted.
/// </summary>
/// <param name="limit">The limit; null: unlimited.</param>
/// <param name="spent">Returns the seconds spent up to now.</param>
internal sealed class TimeBudget(TimeSpan? limit, Func<double> spent)
{
    private readonly double _limit = limit?.TotalSeconds ?? double.PositiveInfinity;

    /// <summary>The budget of a run, which counts the time of its phases.</summary>
    public static TimeBudget Of(TimeSpan? limit, PhaseClock clock) => new(limit, () => clock.Total);

    public bool IsLimited => double.IsFinite(_limit);

    /// <summary>Seconds spent.</summary>
    public double Spent => spent();

    /// <summary>Seconds left, 0 or more.</summary>
    public double Left => Math.Max(0, _limit - spent());

    public bool IsSpent => Left == 0;

    /// <summary>Half a sentence: the reason why a phase was shortened.</summary>
    public string Reason => $"the budget of {Text(Whole ?? TimeSpan.Zero)} is used up";

    // Messages about a share name the whole budget.
    private TimeSpan? Whole { get; init; } = limit;

    /// <summary>A budget of a share (0 to 1) of the time that is left now.</summary>
    public TimeBudget Share(double share) =>
        IsLimited ? new(TimeSpan.FromSeconds(spent() + (share * Left)), spent) { Whole = Whole } : this;

    /// <summary>The time as the command takes it: "90s", "5m", "1.5h".</summary>
    public static string Text(TimeSpan time) =>
        time.TotalMinutes < 2 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###}s")
        : time.TotalHours < 2 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0.##}m")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.##}h");
}
