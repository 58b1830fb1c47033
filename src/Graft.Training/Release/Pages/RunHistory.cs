using System.Text.Json;
using Graft.Training.Run;

namespace Graft.Training.Release;

/// <summary>The learning curve of one phase.</summary>
/// <param name="Phase">Name of the phase.</param>
/// <param name="Epochs">Its epochs in order.</param>
internal sealed record EpochCurve(string Phase, IReadOnlyList<EpochEnded> Epochs);

/// <summary>The history of a run over all its sessions, read from log.jsonl.</summary>
/// <param name="Notices">The notices, without repetitions.</param>
/// <param name="Curves">The learning curves, in order.</param>
internal sealed record RunHistory(IReadOnlyList<Notice> Notices, IReadOnlyList<EpochCurve> Curves)
{
    /// <summary>Reads the history.</summary>
    /// <param name="lines">Lines of log.jsonl; lines that are no events are skipped.</param>
    public static RunHistory Of(IEnumerable<string> lines)
    {
        List<Notice> notices = [];
        List<EpochCurve> curves = [];
        SortedDictionary<int, EpochEnded> current = [];
        string? phase = null;
        foreach (TrainingEvent logged in lines.Select(Parse).OfType<TrainingEvent>())
        {
            if (logged is Notice notice && !notices.Contains(notice))
            {
                notices.Add(notice); // each session of a run begins with the same notices
            }
            else if (logged is EpochEnded epoch)
            {
                if (epoch.Phase != phase || (epoch.Epoch == 1 && current.Count > 0))
                {
                    EndCurve();
                    phase = epoch.Phase;
                }

                current[epoch.Epoch] = epoch; // a session that resumes within an epoch logs it again
            }
        }

        EndCurve();
        return new(notices, curves);

        void EndCurve()
        {
            if (current.Count > 0)
            {
                curves.Add(new(phase!, [.. current.Values]));
            }

            current = [];
        }
    }

    private static TrainingEvent? Parse(string line)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(line);
            return
                json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("event", out JsonElement kind)
                ? kind.GetString() switch
                {
                    nameof(Notice) => json.Deserialize<Notice>(TrainingRun.Json),
                    nameof(EpochEnded) => json.Deserialize<EpochEnded>(TrainingRun.Json),
                    _ => null,
                }
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
