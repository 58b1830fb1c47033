using System.ComponentModel;
using System.Diagnostics;
using Graft.Infrastructure;

namespace Graft.Training.Pipeline;

/// <summary>
/// Runs processes that do the shares of planned trainings, until all units are there. A process that was killed is
/// started again.
/// </summary>
/// <param name="folder">The folder of the plan.</param>
/// <param name="workers">How many processes, and how they are started.</param>
/// <param name="progress">Receives what they warn of, and each complete unit.</param>
internal sealed class WorkerPool(WorkFolder folder, TrainingWorkers workers, IProgress<TrainingEvent> progress)
{
    private const int MostRounds = 3; // without a new unit
    private const int TryAgain = 75; // EX_TEMPFAIL of sysexits.h
    private const int Signalled = 128;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly HashSet<long> _told = [];

    /// <summary>Runs the processes. After a cancellation some units may be missing.</summary>
    /// <exception cref="GraftException">A process cannot do its share.</exception>
    public void Run(CancellationToken cancel)
    {
        WorkHeader header = folder.RequireHeader();
        int count = Math.Min(workers.Count, header.Seeds.Count);
        int fruitless = 0;
        while (!cancel.IsCancellationRequested)
        {
            int before = _told.Count;
            Worker[] failed = [.. RunAll(header, count, cancel).Where(worker => worker.Code != 0)];
            if (failed.Length == 0 || cancel.IsCancellationRequested)
            {
                return;
            }

            if (failed.FirstOrDefault(worker => !worker.MayPass) is Worker wrong)
            {
                throw new GraftException(wrong.Problem);
            }

            fruitless = _told.Count > before ? 0 : fruitless + 1;
            if (fruitless == MostRounds)
            {
                throw new RunStoppedException(
                    Path.GetDirectoryName(folder.Path)!,
                    $"'{Printable.Text(folder.Path)}' cannot go on: {failed[0].Problem}; correct that and resume",
                    new IOException(failed[0].Problem)
                );
            }

            progress.Report(new Notice($"{failed[0].Problem}; it is started again.", IsWarning: true));
        }
    }

    private Worker[] RunAll(WorkHeader header, int count, CancellationToken cancel)
    {
        WorkerWatch.Allow(folder.Path);
        List<Worker> all = [];
        try
        {
            for (int i = 0; i < count; i++)
            {
                all.Add(new(workers.Start(folder.Path, new(i, count)), i, Warn));
            }

            while (!all.TrueForAll(worker => worker.HasEnded))
            {
                if (cancel.WaitHandle.WaitOne(s_pause))
                {
                    break;
                }

                Tell(header);
            }
        }
        finally
        {
            if (!all.TrueForAll(worker => worker.HasEnded))
            {
                WorkerWatch.Stop(folder.Path);
            }

            all.ForEach(worker => worker.Wait());
        }

        Tell(header);
        return [.. all];
    }

    private void Warn(string text)
    {
        lock (_gate)
        {
            progress.Report(new Notice(text, IsWarning: true));
        }
    }

    private void Tell(WorkHeader header)
    {
        foreach (WorkUnit unit in header.Units.Where(unit => !_told.Contains(unit.Seed) && folder.IsNamed(unit)))
        {
            _told.Add(unit.Seed);
            lock (_gate)
            {
                progress.Report(new Notice($"Seed {unit.Seed} is trained: {_told.Count} of {header.Seeds.Count}."));
            }
        }
    }

    private sealed class Worker : IDisposable
    {
        private readonly Process _process;
        private readonly int _number;
        private string _last = "";

        public Worker(ProcessStartInfo start, int number, Action<string> warn)
        {
            _number = number;
            start.RedirectStandardError = true;
            start.RedirectStandardOutput = true;
            start.RedirectStandardInput = true;
            start.UseShellExecute = false;
            start.Environment[WorkerWatch.Variable] = WorkerWatch.Self;
            _process = new() { StartInfo = start };
            _process.OutputDataReceived += (_, _) => { };
            _process.ErrorDataReceived += (_, line) =>
            {
                if (line.Data is { Length: > 0 } text)
                {
                    _last = Printable.Text(text.Trim());
                    warn($"Worker {number}: {_last}");
                }
            };
            try
            {
                _process.Start();
            }
            catch (Win32Exception error)
            {
                throw new GraftException(
                    $"'{Printable.Text(start.FileName)}' cannot be started as a worker: "
                        + Printable.Text(error.Message),
                    error
                );
            }

            _process.StandardInput.Close();
            _process.BeginErrorReadLine();
            _process.BeginOutputReadLine();
        }

        public bool HasEnded => _process.HasExited;

        public int Code { get; private set; }

        public bool MayPass => Code == TryAgain || Code > Signalled || Code < 0;

        public string Problem =>
            $"worker {_number} has ended with exit code {Code}" + (_last.Length == 0 ? "" : $" ({_last})");

        public void Wait()
        {
            _process.WaitForExit(); // and for the last line of its output
            Code = _process.ExitCode;
            Dispose();
        }

        public void Dispose() => _process.Dispose();
    }
}
