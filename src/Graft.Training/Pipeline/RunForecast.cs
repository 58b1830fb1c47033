using Graft.Training.Run;

namespace Graft.Training.Pipeline;

/// <summary>
/// Estimates how long a run still takes, from its multiply-adds and the speed so far. The probe's time is estimated
/// from that of the first answer.
/// </summary>
/// <param name="work">The work of the run's parts.</param>
/// <param name="views">Random views of each training image.</param>
internal sealed class RunForecast(RunWork work, int views)
{
    private const double ProbeWithViews = 7.5; // times that of the first answer; measured on two sets
    private const double ProbeWithoutViews = 3;
    private const double LoadingSeconds = 1;
    private const double ReleaseSeconds = 1; // export, with its checks
    private const double MostPerCore = 1e11; // multiply-adds a second
    private readonly Dictionary<string, double> _seconds = [];

    private enum Part
    {
        Read = 1,
        FirstAnswer,
        Views,
        Probe,
        FineTuning,
        Release,
    }

    private bool HasTuning => work.FineTuning > 0;

    private bool HasFirstAnswer => HasTuning || views > 0;

    private Part[] Parts =>
        [
            .. Enum.GetValues<Part>()
                .Where(part =>
                    part switch
                    {
                        Part.FirstAnswer => HasFirstAnswer,
                        Part.Views => views > 0 || !HasFirstAnswer,
                        Part.FineTuning => HasTuning,
                        _ => true,
                    }
                ),
        ];

    /// <summary>How long the whole run takes, apart from reading the images.</summary>
    /// <param name="perSecond">Multiply-adds a second of the frozen part.</param>
    /// <param name="firstAnswer">Seconds that the probe of the plain views takes.</param>
    public TimeSpan OfWhole(double perSecond, double firstAnswer)
    {
        double multiplyAdds =
            work.Plain + work.Random + work.Search + work.FineTuning + work.Last + ((HasTuning ? 2 : 1) * work.Test);
        double probes = firstAnswer * (HasFirstAnswer ? 1 + (views > 0 ? ProbeWithViews : ProbeWithoutViews) : 1);
        return TimeSpan.FromSeconds(LoadingSeconds + (multiplyAdds / perSecond) + probes + ReleaseSeconds);
    }

    /// <summary>Where the run is when a phase begins.</summary>
    /// <param name="phase">Name of the phase.</param>
    /// <param name="seconds">Seconds of the phases so far, in this session and earlier ones.</param>
    public PhaseOutlook At(string phase, IReadOnlyDictionary<string, double> seconds)
    {
        Part part = PartOf(phase, seconds);
        Part[] parts = Parts;
        return new(Array.IndexOf(parts, part) + 1, parts.Length, Left(part, phase, seconds));
    }

    // The first extraction and the first export belong to the first answer.
    private Part PartOf(string phase, IReadOnlyDictionary<string, double> seconds) =>
        phase switch
        {
            PhaseNames.Extraction => seconds.ContainsKey(PhaseNames.Extraction) || !HasFirstAnswer
                ? Part.Views
                : Part.FirstAnswer,
            PhaseNames.InputTransform or PhaseNames.Fit or PhaseNames.FirstAnswer => Part.FirstAnswer,
            PhaseNames.Probe => Part.Probe,
            PhaseNames.Export => !seconds.ContainsKey(PhaseNames.Probe) && HasFirstAnswer ? Part.FirstAnswer
            : seconds.ContainsKey(PhaseNames.FineTuning) || !HasTuning ? Part.Release
            : Part.Probe,
            PhaseNames.Evaluation => Part.Release,
            PhaseNames.Reading => Part.Read,
            _ => Part.FineTuning,
        };

    private TimeSpan? Left(Part part, string phase, IReadOnlyDictionary<string, double> seconds)
    {
        if (part is Part.Read or Part.FirstAnswer || !seconds.TryGetValue(PhaseNames.Extraction, out double extracting))
        {
            return null;
        }

        // features from the cache say nothing about the speed
        double perSecond = Math.Min(
            MostPerCore * Environment.ProcessorCount,
            (work.Plain + (part > Part.Views ? work.Random : 0)) / Extracting(extracting)
        );
        double export = phase == PhaseNames.Evaluation ? 0 : ReleaseSeconds;
        double left = export + ((HasTuning ? 2 : 1) * work.Test / perSecond); // the probe is measured beside
        if (part <= Part.FineTuning && HasTuning)
        {
            double search = seconds.ContainsKey(PhaseNames.Search) ? 0 : work.Search;
            double scored = seconds.ContainsKey(PhaseNames.FineTuning) ? 0 : search + work.FineTuning;
            left += (scored + work.Last) / perSecond;
        }

        left += seconds.ContainsKey(PhaseNames.Probe) ? 0 : ProbeSeconds(seconds);
        left += part <= Part.Views ? work.Random / perSecond : 0;
        return TimeSpan.FromSeconds(left);
    }

    // The first images wait for the libraries and the network to load.
    private static double Extracting(double seconds) => Math.Max(seconds - LoadingSeconds, 0.3 * seconds) + 1e-3;

    private double ProbeSeconds(IReadOnlyDictionary<string, double> seconds) =>
        seconds.GetValueOrDefault(PhaseNames.FirstAnswer) * (views > 0 ? ProbeWithViews : ProbeWithoutViews);
}
