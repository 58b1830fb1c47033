using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Graft.Studio;

/// <summary>
/// The events of a run as server-sent events. The id of an event is the number of its line in log.jsonl, so a page that
/// was reloaded or lost its connection asks for what it lacks.
/// </summary>
internal static class RunEvents
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// The lines after the first <paramref name="after"/> ones, then what happens, until the caller leaves.
    /// </summary>
    public static async IAsyncEnumerable<SseItem<string>> Follow(
        StudioRun run,
        int after,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        LogReader log = new(Path.Combine(run.Folder, "log.jsonl"));
        (string state, string progress) = ("", "");
        while (!cancel.IsCancellationRequested)
        {
            // the state is taken first: a page that hears "complete" has all lines
            string now = JsonSerializer.Serialize(run.Summary(), StudioJson.Options);
            foreach ((int number, string line) in log.NewLines().Where(line => line.Number > after))
            {
                yield return new(line, "log") { EventId = $"{number}" };
            }

            if (now != state)
            {
                yield return new(state = now, "state");
            }

            string reached = JsonSerializer.Serialize(run.Progress, StudioJson.Options);
            if (reached != progress)
            {
                yield return new(progress = reached, "progress");
            }

            await Task.Delay(s_interval, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
