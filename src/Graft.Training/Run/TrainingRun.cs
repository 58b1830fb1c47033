using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Graft.Infrastructure;
using Graft.Prediction;

namespace Graft.Training.Run;

/// <summary>
/// The folder of one training. It gets options.json first, then split.csv, log.jsonl, checkpoints, model.json,
/// model.onnx, timing.json, report.html and evaluation.json.
/// </summary>
internal sealed class TrainingRun : IProgress<TrainingEvent>, IDisposable
{
    /// <summary>Name of the report page.</summary>
    public const string ReportName = "report.html";

    private const string LogName = "log.jsonl";
    private const string EvaluationName = "evaluation.json";

    private static readonly JsonSerializerOptions s_line = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private readonly RunLock _lock;
    private readonly RunLog _log;
    private readonly IProgress<TrainingEvent>? _listener;

    private TrainingRun(string folder, RunOptions options, RunLock held, RunLog log, IProgress<TrainingEvent>? listener)
    {
        Folder = folder;
        Options = options;
        _lock = held;
        _log = log;
        _listener = listener;
    }

    /// <summary>Form of the JSON files of a run: indented, camelCase.</summary>
    public static JsonSerializerOptions Json { get; } =
        new(s_line)
        {
            WriteIndented = true,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
        };

    public string Folder { get; }

    public string ModelPath => Path.Combine(Folder, "model.onnx");

    /// <summary>Content of options.json: the options of the run, with the automatic choices made since.</summary>
    public RunOptions Options { get; private set; }

    /// <summary>Seconds by phase in earlier sessions of this run.</summary>
    public IReadOnlyDictionary<string, double> SecondsBefore { get; private init; } = new Dictionary<string, double>();

    /// <summary>True if the model is evaluated and the checkpoints are deleted: nothing is left to do.</summary>
    public static bool IsComplete(string folder) =>
        File.Exists(Path.Combine(folder, EvaluationName)) && !Directory.Exists(CheckpointFolder.PathIn(folder));

    /// <summary>Creates the folder and writes options.json.</summary>
    /// <exception cref="GraftException">The folder holds a run already, or cannot be written.</exception>
    public static TrainingRun Create(
        string folder,
        RunOptions options,
        IProgress<TrainingEvent>? listener,
        TimeProvider time
    ) => Begin(folder, held =>
        {
            RefuseSecond(folder);
            options.Write(folder);
            return new(folder, options, held, RunLog.Open(folder, LogName, time), listener);
        });

    /// <summary>Opens a run that was stopped.</summary>
    /// <param name="movedImages">Where its images lie now; null: where it found them.</param>
    /// <exception cref="GraftException">There is no run in the folder, another process works in it, or it cannot be
    /// read or written.</exception>
    public static TrainingRun Open(
        string folder,
        IProgress<TrainingEvent>? listener,
        TimeProvider time,
        string? movedImages = null
    )
    {
        RunOptions.Require(folder);
        return Begin(folder, held =>
        {
            RunOptions options = RunOptions.Read(folder);
            AtomicFile.DeleteLeftovers(folder);
            if (Directory.Exists(CheckpointFolder.PathIn(folder)))
            {
                AtomicFile.DeleteLeftovers(CheckpointFolder.PathIn(folder));
            }

            return new(folder, options, held, RunLog.Open(folder, LogName, time), listener)
            {
                SecondsBefore = RunTiming.Read(folder),
                MovedImages = movedImages is null ? null : Path.GetFullPath(movedImages),
            };
        });
    }

    /// <summary>
    /// Writes options.json again, with automatic choices in place of open options. The run makes the same choices when
    /// it is resumed or repeated.
    /// </summary>
    public void Record(RunOptions options)
    {
        Options = options;
        RunStorage.Guard(Folder, () => Options.Write(Folder));
    }

    /// <summary>Writes split.csv. A resumed run draws its split again, and gets the same one.</summary>
    /// <param name="drawn">Content of the file.</param>
    /// <exception cref="GraftException">The file holds another split: the images have changed since the
    /// run began.</exception>
    public void WriteSplit(byte[] drawn) => RunStorage.Guard(Folder, () =>
        {
            string path = Path.Combine(Folder, "split.csv");
            if (File.Exists(path) && !File.ReadAllBytes(path).AsSpan().SequenceEqual(drawn))
            {
                throw ImagesChanged();
            }

            AtomicFile.Write(path, drawn);
        });

    /// <summary>
    /// Full path of images that were moved since the run began; null where they were not. It is recorded when they
    /// turn out to be the same.
    /// </summary>
    public string? MovedImages { get; private init; }

    /// <summary>Records where the images lie now.</summary>
    public void RecordMove()
    {
        if (MovedImages is not null && MovedImages != Options.Images)
        {
            Record(Options with { Images = MovedImages });
        }
    }

    /// <summary>The error of a run whose images have changed since it began.</summary>
    public GraftException ImagesChanged() =>
        new(
            $"'{Printable.Text(Folder)}' cannot be resumed: the images in "
                + $"'{Printable.Text(MovedImages ?? Options.Images)}' are not "
                + "those that it began with; put them back, or start a new run"
        );

    /// <summary>
    /// The error of a run that runs out of memory even with batches in the smallest parts.
    /// </summary>
    public GraftException MemoryRanOut(Exception error) =>
        new RunStoppedException(
            Folder,
            $"'{Printable.Text(Folder)}' cannot go on: memory ran out; free some and resume the run, "
                + "or start a new one with fewer views or fewer trained layers",
            error
        );

    /// <summary>Writes a file of the run, completely or not at all.</summary>
    public void Write(string name, string text) =>
        RunStorage.Guard(Folder, () => AtomicFile.Write(Path.Combine(Folder, name), text));

    public void Write<T>(string name, T value) => Write(name, JsonSerializer.Serialize(value, Json));

    /// <summary>Writes model.json and model.onnx. The card comes first, so that no model lacks it.</summary>
    public void Write(Onnx.OnnxModel model, ModelCard card) => RunStorage.Guard(Folder, () =>
        {
            card.WriteBeside(ModelPath);
            model.Save(ModelPath);
        });

    /// <summary>The checkpoints of the steps from here on.</summary>
    /// <param name="images">Fingerprint of the split images in their order.</param>
    /// <param name="network">Fingerprints of the body.</param>
    /// <param name="interval">Time between two checkpoints within an epoch.</param>
    /// <exception cref="GraftException">The images have changed since the run began.</exception>
    public CheckpointFolder Checkpoints(
        string images,
        IEnumerable<string> network,
        TimeSpan interval,
        PhaseClock clock,
        TimeProvider time
    )
    {
        RunStorage.Guard(Folder, () =>
        {
            string path = Path.Combine(CheckpointFolder.PathIn(Folder), "images.sha256");
            Directory.CreateDirectory(CheckpointFolder.PathIn(Folder));
            if (File.Exists(path) && File.ReadAllText(path) != images)
            {
                throw ImagesChanged();
            }

            AtomicFile.Write(path, images);
        });
        string version = typeof(TrainingRun).Assembly.GetName().Version!.ToString(3);
        string key = Fingerprint.Of([
            version,
            JsonSerializer.Serialize(Options.Options, RunOptionsJson.Instance.TrainingOptions),
            $"{Options.TorchThreads}",
            images,
            .. network,
        ]);
        return new(Folder, key, interval, time, this) { Written = () => WriteTiming(clock.Seconds) };
    }

    /// <summary>Writes timing.json: seconds by phase, of all sessions.</summary>
    public void WriteTiming(IReadOnlyDictionary<string, double> seconds) =>
        Write(RunTiming.Name, new RunTiming(seconds));

    /// <summary>Writes evaluation.json, the last file of a run.</summary>
    public void WriteEvaluation(string json) => Write(EvaluationName, json);

    /// <summary>Deletes the checkpoints of a complete run.</summary>
    public void DeleteCheckpoints() => RunStorage.Guard(Folder, () => CheckpointFolder.Delete(Folder));

    /// <summary>Deletes checkpoints of a complete run that a killed process has left.</summary>
    /// <exception cref="GraftException">The folder cannot be written.</exception>
    public static void DeleteOldCheckpoints(string folder) =>
        RunStorage.Guard(folder, () => CheckpointFolder.DeleteRenamed(folder));

    /// <summary>Forwards an event. Appends it to log.jsonl unless it is <see cref="Progressed"/>.</summary>
    public void Report(TrainingEvent value)
    {
        TrainingTelemetry.Record(value);
        _listener?.Report(value);
        if (value is not Progressed)
        {
            RunStorage.Guard(Folder, () =>
                _log.Append(value.GetType().Name, JsonSerializer.Serialize(value, value.GetType(), s_line))
            );
        }
    }

    /// <summary>Reports each text that is not null as a warning.</summary>
    public void Warn(IEnumerable<string?> texts)
    {
        foreach (string text in texts.OfType<string>())
        {
            Report(new Notice(text, IsWarning: true));
        }
    }

    /// <summary>All lines of log.jsonl up to now, from all sessions.</summary>
    public IReadOnlyList<string> LogLines() => _log.Lines();

    public void Dispose()
    {
        _log.Dispose();
        _lock.Dispose();
    }

    private static TrainingRun Begin(string folder, Func<RunLock, TrainingRun> open)
    {
        RunLock? held = null;
        try
        {
            Directory.CreateDirectory(folder);
            held = RunLock.Take(folder);
            return open(held);
        }
        catch (Exception error)
        {
            held?.Dispose();
            if (RunStorage.IsRefusal(error))
            {
                throw new GraftException(
                    $"'{Printable.Text(folder)}' cannot take a run: {StorageProblem.Reason(error)}; "
                        + "choose another folder",
                    error
                );
            }

            throw;
        }
    }

    private static void RefuseSecond(string folder)
    {
        if (RunOptions.Exist(folder))
        {
            string way = IsComplete(folder) ? "" : "resume that run, or ";
            throw new GraftException(
                $"'{Printable.Text(folder)}' cannot take a run: it holds one already; {way}choose another folder"
            );
        }
    }
}
