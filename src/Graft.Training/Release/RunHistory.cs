using System.Text.Json;
using Graft.Training.Run;

namespace Graft.Training.Release;

/// <summary>The epochs of one phase, in order.</summary>
internal sealed record EpochCurve(string Phase, IReadOnlyList<EpochEnded> Epochs);

/// <summary>What log.jsonl tells of a run, over all its sessions: what was said, and how each phase learnt.</summary>
internal sealed record RunHistory(IReadOnlyList<Notice> Notices, IReadOnlyList<EpochCurve> Curves)
{
    /// <param name="lines">Of log.jsonl; one that is no event is passed over.</param>
    public static RunHistory Of(IEnumerable<string> lines)
    {
        List<Notice> notices = [];
        List<EpochCurve> curves = [];
        SortedDictionary<int, EpochEnded> current = [];
        string? phase = null;
        foreach (TrainingEvent told in lines.Select(Parse).OfType<TrainingEvent>())
        {
            if (told is Notice notice && !notices.Contains(notice))
            {
                notices.Add(notice); // sessions of one run say the same at their beginnings
            }
            else if (told is EpochEnded epoch)
            {
                if (epoch.Phase != phase || (epoch.Epoch == 1 && current.Count > 0))
                {
                    End();
                    phase = epoch.Phase;
                }

                current[epoch.Epoch] = epoch; // a session that goes on within an epoch tells it again
            }
        }

        End();
        return new(notices, curves);

        void End()
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
