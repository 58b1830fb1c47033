using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Graft;

/// <summary>
/// The source of activities and the meter of this assembly, both named "Graft". Without a listener they cost a
/// comparison a call.
/// </summary>
internal static class Telemetry
{
    /// <summary>The name that a program listens to.</summary>
    public const string Name = "Graft";

    private static readonly string s_version = typeof(Telemetry).Assembly.GetName().Version!.ToString(3);

    /// <summary>Starts activities.</summary>
    public static ActivitySource Source { get; } = new(Name, s_version);

    /// <summary>Makes counters and histograms.</summary>
    public static Meter Meter { get; } = new(Name, s_version);
}
