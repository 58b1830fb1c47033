using Graft.Training.Run;

namespace Graft.Training.Tests.Run;

public sealed class PhaseClockTests
{
    [Fact]
    public void A_clock_that_is_set_back_does_not_change_what_a_phase_took()
    {
        SetBack time = new();
        PhaseClock clock = new(new Silence<TrainingEvent>(), time, new Dictionary<string, double> { ["read"] = 2 });

        clock.Run("read", "", () => time.Pass(1.5), _ => "");

        Assert.Equal(3.5, clock.Seconds["read"]);
        Assert.True(time.GetUtcNow() < SetBack.Start);
    }

    [Fact]
    public void The_running_phase_counts_up_to_now()
    {
        SetBack time = new();
        PhaseClock clock = new(new Silence<TrainingEvent>(), time);
        double seen = 0;

        clock.Run(
            "probe",
            "",
            () =>
            {
                time.Pass(4);
                seen = clock.Seconds["probe"];
                return time.Pass(1);
            },
            _ => ""
        );

        Assert.Equal((4, 5), (seen, clock.Seconds["probe"]));
    }

    /// <summary>Somebody sets the clock back an hour whenever time passes.</summary>
    private sealed class SetBack : TimeProvider
    {
        public static readonly DateTimeOffset Start = new(2025, 10, 26, 3, 0, 0, TimeSpan.Zero);
        private long _ticks;
        private DateTimeOffset _wall = Start;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public override DateTimeOffset GetUtcNow() => _wall;

        public int Pass(double seconds)
        {
            _ticks += TimeSpan.FromSeconds(seconds).Ticks;
            _wall -= TimeSpan.FromHours(1);
            return 0;
        }
    }
}
