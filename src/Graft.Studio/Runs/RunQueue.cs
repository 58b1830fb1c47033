using System.Collections.Concurrent;
using System.Globalization;
using Graft.Training;

namespace Graft.Studio;

/// <summary>The runs of a folder. One trains at a time; the others wait in their order. Thread-safe.</summary>
internal sealed class RunQueue(StudioOptions options, PictureStore store) : IDisposable
{
    private readonly ConcurrentDictionary<string, StudioRun> _runs = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private Task _last = Task.CompletedTask;

    /// <summary>All runs, the newest first. Runs that the command made are among them.</summary>
    public IReadOnlyList<StudioRun> List()
    {
        if (Directory.Exists(options.RunsFolder))
        {
            foreach (string folder in Directory.EnumerateDirectories(options.RunsFolder).Where(RunFolder.Exists))
            {
                string name = Path.GetFileName(folder);
                _runs.GetOrAdd(name, _ => new(name, folder, StateOf(folder)));
            }
        }

        return [.. _runs.Values.OrderByDescending(run => StartOf(run.Folder)).ThenBy(run => run.Name)];
    }

    /// <summary>A run by its name.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public StudioRun Find(string name) =>
        _runs.TryGetValue(name, out StudioRun? run)
            ? run
            : List().FirstOrDefault(one => one.Name == name)
                ?? throw new NotFoundException("There is no such run in the studio's folder.");

    /// <summary>Queues a new training.</summary>
    /// <exception cref="GraftException">The labels cannot be written.</exception>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    public async Task<StudioRun> StartAsync(OpenSet set, RunRequest request, CancellationToken cancel)
    {
        TrainingOptions training = options.Training with
        {
            Effort = request.Effort,
            Body = request.Body is { Length: > 0 } body ? BodySource.Named(body) : options.Training.Body,
            Budget = request.Minutes is double minutes ? TimeSpan.FromMinutes(minutes) : options.Training.Budget,
            Task = set.Task,
        };
        training.Validate();
        SetSnapshot snapshot = set.Snapshot();
        StudioRun run = Add(set.Source);
        string images = set.Source;
        if (snapshot.IsChanged)
        {
            // kept beside the run, so that the command can resume it
            images = await snapshot
                .WriteAsync($"{run.Folder}-labels.csv", store, training.Limits.Image, cancel)
                .ConfigureAwait(false);
            training = training with { Data = new() };
        }

        run.Work = (self, stop) => Trainer.TrainAsync(images, self.Folder, training, self, stop);
        Enqueue(run);
        return run;
    }

    /// <summary>Continues a run that was stopped.</summary>
    public void Resume(StudioRun run)
    {
        if (run.Move(RunState.Queued, null, RunState.Stopped, RunState.Failed))
        {
            run.Work =
                RunFolder.Exists(run.Folder) || run.Work is null
                    ? (self, stop) => Trainer.ResumeAsync(self.Folder, progress: self, cancel: stop)
                    : run.Work; // it was stopped before it began
            Enqueue(run);
        }
    }

    /// <summary>Stops all runs and waits until they have written what they need to continue.</summary>
    public async Task StopAllAsync()
    {
        foreach (StudioRun run in _runs.Values)
        {
            run.Stop();
        }

        Task last;
        lock (_gate)
        {
            last = _last;
        }

        await last.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (StudioRun run in _runs.Values)
        {
            run.Dispose();
        }
    }

    private StudioRun Add(string source)
    {
        string start = Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(Path.GetFullPath(source)));
        string time = DateTime.Now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        for (int number = 1; ; number++)
        {
            string name = $"{start}-{time}{(number == 1 ? "" : $"-{number}")}";
            StudioRun run = new(name, Path.Combine(options.RunsFolder, name), RunState.Queued);
            if (!Path.Exists(run.Folder) && _runs.TryAdd(name, run))
            {
                return run;
            }

            run.Dispose();
        }
    }

    private void Enqueue(StudioRun run)
    {
        lock (_gate)
        {
            _last = RunAfterAsync(_last, run);
        }
    }

    private static async Task RunAfterAsync(Task before, StudioRun run)
    {
        await before.ConfigureAwait(false);
        if (!run.Move(RunState.Running, null, RunState.Queued))
        {
            return; // stopped while it waited
        }

        try
        {
            await run.Work!(run, run.StopToken).ConfigureAwait(false);
            run.Move(StateOf(run.Folder), null, RunState.Running);
        }
        catch (OperationCanceledException)
        {
            run.Move(RunState.Stopped, null, RunState.Running);
        }
        catch (Exception error) // whatever it is, the other runs go on, and the page says what it was
        {
            run.Move(RunState.Failed, error.Message, RunState.Running);
        }
    }

    private static RunState StateOf(string folder) =>
        RunFolder.Exists(folder) && RunFolder.Open(folder).IsComplete ? RunState.Complete : RunState.Stopped;

    private static DateTime StartOf(string folder)
    {
        FileInfo begun = new(Path.Combine(folder, "options.json"));
        return begun.Exists ? begun.LastWriteTimeUtc : DateTime.MaxValue; // one that waits is the newest
    }
}
