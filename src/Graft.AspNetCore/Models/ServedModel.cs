using Graft.Imaging;
using Graft.Prediction;
using Microsoft.Extensions.Logging;

namespace Graft.AspNetCore;

/// <summary>
/// A model file that answers many requests at once, in batches, and follows changes of the file. Thread-safe.
/// </summary>
public sealed partial class ServedModel : IAsyncDisposable
{
    private readonly ServedModelOptions _options;
    private readonly ILogger _logger;
    private readonly BatchWorkers _workers;
    private readonly ExplanationTurns _turns;
    private readonly Task _watching;
    private readonly CancellationTokenSource _stop = new();
    private volatile LoadedModel _current;

    /// <summary>Loads a model and starts its workers.</summary>
    /// <param name="path">Path of the .onnx file.</param>
    /// <param name="options">How it is loaded and batched.</param>
    /// <param name="logger">Is told of reloads.</param>
    /// <exception cref="GraftException">The file is no usable model, or an option is out of range.</exception>
    internal ServedModel(string path, ServedModelOptions options, ILogger logger)
    {
        _options = options.Checked();
        _logger = logger;
        FilePath = Path.GetFullPath(path);
        Name = options.Name ?? NameOf(FilePath);
        _current = LoadedModel.Load(FilePath, options);
        _workers = new(options, Use);
        _turns = new(options);
        _watching = options.ReloadInterval == TimeSpan.Zero ? Task.CompletedTask : Task.Run(WatchAsync);
    }

    /// <summary>Name in addresses and answers.</summary>
    public string Name { get; }

    /// <summary>Full path of the file.</summary>
    public string FilePath { get; }

    /// <summary>Version of the file that answers now.</summary>
    public string Version => _current.Version;

    /// <summary>Card of the file that answers now.</summary>
    public ModelCard Card => _current.Predictor.Card;

    /// <summary>Number of images that wait for a worker.</summary>
    public int Waiting => _workers.Waiting;

    /// <summary>Classifies one image. It may be computed in one batch with images of other callers.</summary>
    /// <param name="bytes">Content of an image file. The caller must not change it before the answer.</param>
    /// <param name="name">Name of the image in the answer.</param>
    /// <param name="cancel">Ends the waiting. A started batch is completed.</param>
    /// <returns>The prediction, or the reason why the image cannot be used.</returns>
    /// <exception cref="QueueFullException">Too many images wait.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was cancelled.</exception>
    public async Task<ServedPrediction> PredictAsync(byte[] bytes, string name, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentNullException.ThrowIfNull(name);
        cancel.ThrowIfCancellationRequested();
        WaitingImage image = new(bytes, name, cancel);
        if (!_workers.TryAdd(image))
        {
            throw new QueueFullException(Name, _options.QueueLength);
        }

        return await image.Answer.WaitAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>
    /// Shows which places of an image speak for a class. The first call loads the network once more; as many calls are
    /// computed at once as the model has workers.
    /// </summary>
    /// <param name="bytes">Content of an image file. The caller must not change it before the answer.</param>
    /// <param name="name">Name of the image in error messages.</param>
    /// <param name="label">The class to explain; null: the most probable one.</param>
    /// <param name="cancel">Ends the waiting. A started explanation is completed.</param>
    /// <exception cref="ImageException">The image cannot be used.</exception>
    /// <exception cref="ArgumentException">The model has no such class.</exception>
    /// <exception cref="NoExplanationException">The network has no feature maps, as some transformers.</exception>
    /// <exception cref="QueueFullException">Too many explanations wait.</exception>
    /// <exception cref="GraftException">The file has changed and could not be loaded again.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was cancelled.</exception>
    public Task<ServedExplanation> ExplainAsync(
        byte[] bytes,
        string name,
        string? label = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentNullException.ThrowIfNull(name);
        return _turns.RunAsync(() => Explain(bytes, name, label), Name, cancel);
    }

    /// <summary>Answers what waits, and frees the network.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        await _workers.CompleteAsync().ConfigureAwait(false);
        _current.Release();
        _turns.Dispose();
        _stop.Dispose();
    }

    private static string NameOf(string path)
    {
        string file = Path.GetFileNameWithoutExtension(path);
        string name = file == "model" ? Path.GetFileName(Path.GetDirectoryName(path)) ?? file : file;
        string plain = string.Concat(
            name.Select(letter => ServedModelOptions.IsPlain(letter) ? letter : '-').Take(100)
        );
        return ServedModelOptions.IsPlain(plain) ? plain : "model";
    }

    // The slot may be emptied between reading it and using what it held: then it holds another one.
    private LoadedModel Use()
    {
        while (true)
        {
            LoadedModel model = _current;
            if (model.TryUse())
            {
                return model;
            }
        }
    }

    private ServedExplanation Explain(byte[] bytes, string name, string? label)
    {
        LoadedModel model = Use();
        try
        {
            return new(model.Explainer().Explain(bytes, name, label), model.Version);
        }
        finally
        {
            model.Release();
        }
    }

    private async Task WatchAsync()
    {
        FileStamp tried = _current.Stamp;
        using PeriodicTimer timer = new(_options.ReloadInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                FileStamp now = FileStamp.Of(FilePath);
                if (now != tried && now.Length >= 0)
                {
                    tried = now;
                    Reload();
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // the server ends
        }
    }

    private void Reload()
    {
        try
        {
            LoadedModel loaded = LoadedModel.Load(FilePath, _options);
            LoadedModel old = _current;
            _current = loaded;
            old.Release();
            ServingTelemetry.Reloaded();
            LogReloaded(Name, loaded.Version);
        }
        catch (GraftException error)
        {
            LogKept(Name, error.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "the model '{Model}' was loaded again, version {Version}")]
    private partial void LogReloaded(string model, string version);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "the changed file of the model '{Model}' is not used, the old one goes on: {Reason}"
    )]
    private partial void LogKept(string model, string reason);
}
