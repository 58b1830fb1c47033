using System.Text.Json;
using Graft.Training.Run;

namespace Graft.Training.Release;

/// <summary>The epochs of one phase.</summary>
/// <param name="Phase">Name of the phase.</param>
/// <param name="Detail">What the phase did, one line; empty where the log does not say.</param>
/// <param name="Epochs">Its epochs in order.</param>
internal sealed record EpochCurve(string Phase, string Detail, IReadOnlyList<EpochEnded> Epochs);

/// <summary>The history of a run over all its sessions, read from log.jsonl.</summary>
/// <param name="Began">When the run began; null where the log does not say.</param>
/// <param name="Notices">The notices, without repetitions.</param>
/// <param name="Trainings">
/// The trainings in order. One may have several phases: head training, then fine-tuning.
/// </param>
internal sealed record RunHistory(
    DateTimeOffset? Began,
    IReadOnlyList<Notice> Notices,
    IReadOnlyList<IReadOnlyList<EpochCurve>> Trainings
)
{
    /// <summary>Reads the history.</summary>
    /// <param name="lines">Lines of log.jsonl; lines that are no events are skipped.</param>
    public static RunHistory Of(IEnumerable<string> lines)
    {
        DateTimeOffset? began = null;
        List<Notice> notices = [];
        CurveCollector curves = new();
        foreach ((DateTimeOffset? time, TrainingEvent logged) in lines.Select(Parse).OfType<LoggedEvent>())
        {
            began ??= time;
            if (logged is Notice notice && !notices.Contains(notice))
            {
                notices.Add(notice); // each session of a run begins with the same notices
            }

            curves.Add(logged);
        }

        return new(began, notices, curves.Trainings());
    }

    private static LoggedEvent? Parse(string line)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(line);
            if (
                json.RootElement.ValueKind != JsonValueKind.Object
                || !json.RootElement.TryGetProperty("event", out JsonElement kind)
            )
            {
                return null;
            }

            TrainingEvent? logged = kind.GetString() switch
            {
                nameof(Notice) => json.Deserialize<Notice>(TrainingRun.Json),
                nameof(EpochEnded) => json.Deserialize<EpochEnded>(TrainingRun.Json),
                nameof(PhaseStarted) => json.Deserialize<PhaseStarted>(TrainingRun.Json),
                _ => null,
            };
            bool hasTime = json.RootElement.TryGetProperty("time", out JsonElement time);
            return logged is null
                ? null
                : new(hasTime && time.TryGetDateTimeOffset(out DateTimeOffset at) ? at : null, logged);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record LoggedEvent(DateTimeOffset? Time, TrainingEvent Event);

    private sealed class CurveCollector
    {
        private readonly List<EpochCurve> _curves = [];
        private SortedDictionary<int, EpochEnded> _current = [];
        private string? _phase;
        private string _detail = "";
        private string _nextDetail = "";

        public void Add(TrainingEvent logged)
        {
            if (logged is PhaseStarted started)
            {
                _nextDetail = started.Detail;
            }
            else if (logged is EpochEnded epoch)
            {
                if (epoch.Phase != _phase || (epoch.Epoch == 1 && _current.Count > 0))
                {
                    EndCurve();
                    (_phase, _detail) = (epoch.Phase, _nextDetail);
                }

                _current[epoch.Epoch] = epoch; // a session that resumes within an epoch logs it again
            }
        }

        public List<List<EpochCurve>> Trainings()
        {
            EndCurve();
            List<List<EpochCurve>> trainings = [];
            foreach (EpochCurve curve in _curves)
            {
                bool goesOn =
                    curve.Phase == PhaseNames.FineTuning
                    && trainings.LastOrDefault()?[^1].Phase == PhaseNames.HeadTraining;
                if (goesOn)
                {
                    trainings[^1].Add(curve);
                }
                else
                {
                    trainings.Add([curve]);
                }
            }

            return trainings;
        }

        private void EndCurve()
        {
            if (_current.Count > 0)
            {
                _curves.Add(new(_phase!, _detail, [.. _current.Values]));
            }

            _current = [];
        }
    }
}
