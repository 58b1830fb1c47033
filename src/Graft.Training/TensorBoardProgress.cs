using System.Text.Json;
using Graft.Training.Run;

namespace Graft.Training;

/// <summary>
/// Writes the learning curves of a training as event files of TensorBoard, into the folder tensorboard of its run. Each
/// training of the run has curves of its own, such as fine-tune and fine-tune-2.
/// </summary>
/// <remarks>
/// A file is begun with the first value, one for each session of the run. Values can be seen while the training works.
/// Report from one thread at a time, as trainings do.
/// </remarks>
public sealed class TensorBoardProgress : IProgress<TrainingEvent>, IDisposable
{
    /// <summary>Name of the folder in that of the run.</summary>
    public const string FolderName = "tensorboard";

    private readonly string _runFolder;
    private readonly IProgress<TrainingEvent>? _next;
    private readonly TimeProvider _time;
    private readonly CurveNames _curves = new();
    private EventFile? _file;

    /// <param name="runFolder">The run's folder, which need not exist before the training.</param>
    /// <param name="next">Receives all events afterwards; null: nobody does.</param>
    /// <param name="time">The clock of the values; null: the system's.</param>
    public TensorBoardProgress(string runFolder, IProgress<TrainingEvent>? next = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(runFolder);
        (_runFolder, _next, _time) = (runFolder, next, time ?? TimeProvider.System);
    }

    /// <summary>Writes the values of an event, and passes it on.</summary>
    /// <param name="value">The event.</param>
    /// <exception cref="GraftException">The file cannot be written.</exception>
    public void Report(TrainingEvent value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value is EpochEnded epoch)
        {
            RunStorage.Guard(_runFolder, () => Write(epoch));
        }

        _next?.Report(value);
    }

    /// <summary>Writes the figures on the test images, which no event has.</summary>
    /// <param name="evaluation">The result of the run.</param>
    /// <exception cref="GraftException">The file cannot be written.</exception>
    public void Record(RunEvaluation evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        RunStorage.Guard(_runFolder, () =>
            Write(0, ("test/accuracy", evaluation.Accuracy), ("test/log_loss", evaluation.LogLoss))
        );
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file?.Dispose();

    private void Write(EpochEnded epoch)
    {
        if (_file is null)
        {
            Array.ForEach([.. EarlierEpochs()], earlier => _curves.Of(earlier.Phase, earlier.Epoch));
        }

        string curve = _curves.Of(epoch.Phase, epoch.Epoch);
        Write(
            epoch.Epoch,
            ($"{curve}/training_loss", epoch.TrainLoss),
            ($"{curve}/validation_loss", epoch.ValidationLoss),
            ($"{curve}/validation_accuracy", epoch.ValidationAccuracy),
            ($"{curve}/learning_rate", epoch.Rate)
        );
    }

    private void Write(int step, params (string Tag, double? Value)[] values)
    {
        _file ??= EventFile.Create(Path.Combine(_runFolder, FolderName), _time);
        foreach ((string tag, double? value) in values)
        {
            if (value is double known)
            {
                _file.Append(tag, step, (float)known);
            }
        }
    }

    // Of the sessions before this one: a resumed run goes on with its curves.
    private IEnumerable<(string Phase, int Epoch)> EarlierEpochs()
    {
        string log = Path.Combine(_runFolder, "log.jsonl");
        if (!File.Exists(log))
        {
            yield break;
        }

        using FileStream file = new(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader lines = new(file);
        while (lines.ReadLine() is string line)
        {
            if (line.Contains($"\"event\":\"{nameof(EpochEnded)}\"", StringComparison.Ordinal))
            {
                using JsonDocument json = JsonDocument.Parse(line);
                yield return (
                    json.RootElement.GetProperty("phase").GetString()!,
                    json.RootElement.GetProperty("epoch").GetInt32()
                );
            }
        }
    }

    /// <summary>Names the trainings of a run: a phase that comes again gets a number.</summary>
    private sealed class CurveNames
    {
        private readonly Dictionary<string, int> _counts = [];
        private string? _phase;

        public string Of(string phase, int epoch)
        {
            if (phase != _phase || epoch == 1)
            {
                _counts[phase] = _counts.GetValueOrDefault(phase) + 1;
                _phase = phase;
            }

            int count = _counts[phase];
            string name = phase.Replace(' ', '-');
            return count == 1 ? name : $"{name}-{count}";
        }
    }
}
