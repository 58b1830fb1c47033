using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Graft.Data;

namespace Graft.Training.Runs;

/// <summary>The folder of one training: options.json first, then split.csv, log.jsonl, model.onnx, evaluation.json.</summary>
internal sealed class TrainingRun : IProgress<TrainingEvent>, IDisposable
{
    private static readonly JsonSerializerOptions s_line = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private readonly IProgress<TrainingEvent>? _listener;
    private readonly TimeProvider _time;
    private readonly StreamWriter _log;
    private readonly Lock _gate = new();

    private TrainingRun(string folder, StreamWriter log, IProgress<TrainingEvent>? listener, TimeProvider time)
    {
        Folder = folder;
        _log = log;
        _listener = listener;
        _time = time;
    }

    /// <summary>How the files of a run are written: indented, camelCase.</summary>
    public static JsonSerializerOptions Json { get; } = new(s_line) { WriteIndented = true };

    public string Folder { get; }

    public string ModelPath => Path.Combine(Folder, "model.onnx");

    /// <summary>Makes the folder and writes options.json.</summary>
    /// <exception cref="GraftException">The folder holds a run already, or cannot be written.</exception>
    public static TrainingRun Create(string folder, string imagesPath, TrainingOptions options, IProgress<TrainingEvent>? listener, TimeProvider time)
    {
        string optionsPath = Path.Combine(folder, "options.json");
        if (File.Exists(optionsPath))
        {
            throw new GraftException($"'{Printable.Text(folder)}' cannot take a run: it holds one already; choose another folder with --out");
        }

        try
        {
            Directory.CreateDirectory(folder);
            AtomicFile.Write(optionsPath, JsonSerializer.Serialize(new RunOptions(Path.GetFullPath(imagesPath), options), Json));
            return new(folder, new StreamWriter(Path.Combine(folder, "log.jsonl")) { AutoFlush = true }, listener, time);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraftException($"'{Printable.Text(folder)}' cannot take a run: {error.Message.TrimEnd('.')}; choose another folder with --out", error);
        }
    }

    public void WriteSplit(ImageSplit split) => SplitFile.Write(split, Path.Combine(Folder, "split.csv"));

    /// <summary>Writes a file of the run whole or not at all.</summary>
    public void Write(string name, string text) => AtomicFile.Write(Path.Combine(Folder, name), text);

    public void Write<T>(string name, T value) => Write(name, JsonSerializer.Serialize(value, Json));

    /// <summary>Passes an event on and, progress excepted, appends it to log.jsonl.</summary>
    public void Report(TrainingEvent value)
    {
        _listener?.Report(value);
        if (value is not Progressed)
        {
            lock (_gate)
            {
                string fields = JsonSerializer.Serialize(value, value.GetType(), s_line)[1..];
                _log.WriteLine($"{{\"time\":\"{_time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ}\",\"event\":\"{value.GetType().Name}\",{fields}");
            }
        }
    }

    /// <summary>Reports each text that there is as a warning.</summary>
    public void Warn(IEnumerable<string?> texts)
    {
        foreach (string text in texts.OfType<string>())
        {
            Report(new Notice(text, IsWarning: true));
        }
    }

    public void Dispose() => _log.Dispose();
}

/// <summary>What options.json holds: all that is needed to do the run again.</summary>
/// <param name="Images">The folder or CSV, as a full path.</param>
internal sealed record RunOptions(string Images, TrainingOptions Options);
