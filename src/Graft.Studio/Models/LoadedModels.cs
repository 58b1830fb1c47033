using Graft.Explanation;
using Graft.Prediction;

namespace Graft.Studio;

/// <summary>A model of a run.</summary>
/// <param name="path">Path of the file.</param>
internal sealed class LoadedModel(string path) : IDisposable
{
    private readonly Lazy<Explainer?> _explainer = new(() => ExplainerOf(path));

    /// <summary>Predicts.</summary>
    public Predictor Predictor { get; } = Predictor.Load(path);

    /// <summary>
    /// Shows where the model looked; null where it has no maps. Loaded when it is asked for: that costs as much again
    /// as the predictor.
    /// </summary>
    public Explainer? Explainer => _explainer.Value;

    /// <inheritdoc/>
    public void Dispose()
    {
        Predictor.Dispose();
        if (_explainer.IsValueCreated)
        {
            _explainer.Value?.Dispose();
        }
    }

    private static Explainer? ExplainerOf(string path)
    {
        try
        {
            return Explainer.Load(path);
        }
        catch (Onnx.OnnxException) // some transformers have no maps
        {
            return null;
        }
    }
}

/// <summary>
/// The models of the runs, loaded when they are needed and again when a better one was written. Thread-safe: one
/// request uses them at a time.
/// </summary>
internal sealed class LoadedModels : IDisposable
{
    private const int Kept = 2; // two runs are compared

    private readonly SemaphoreSlim _turn = new(1);
    private readonly List<((string Path, DateTime Written) File, LoadedModel Model)> _models = [];
    private readonly Dictionary<(string Path, DateTime Written), TestAnswers> _answers = [];

    /// <summary>Uses the model of a run.</summary>
    /// <exception cref="NotFoundException">The run has no model yet.</exception>
    /// <exception cref="GraftException">The model cannot be used.</exception>
    public async Task<T> UseAsync<T>(StudioRun run, Func<LoadedModel, T> use, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => use(Load(FileOf(run))), cancel).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>What a run's model answers for the run's test images. It is computed once.</summary>
    /// <inheritdoc cref="UseAsync"/>
    public async Task<TestAnswers> AnswersAsync(StudioRun run, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            (string, DateTime) file = FileOf(run);
            if (!_answers.TryGetValue(file, out TestAnswers? answers))
            {
                answers = await Task.Run(() => TestAnswers.Of(run, Load(file).Predictor, cancel), cancel)
                    .ConfigureAwait(false);
                _answers[file] = answers;
            }

            return answers;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _turn.Dispose();
        _models.ForEach(one => one.Model.Dispose());
    }

    // A model that was replaced by a better one is another file.
    private static (string Path, DateTime Written) FileOf(StudioRun run)
    {
        string path = Path.GetFullPath(Path.Combine(run.Folder, "model.onnx"));
        return File.Exists(path)
            ? (path, File.GetLastWriteTimeUtc(path))
            : throw new NotFoundException("The run has no model yet.");
    }

    private LoadedModel Load((string Path, DateTime Written) file)
    {
        int index = _models.FindIndex(one => one.File == file);
        if (index >= 0)
        {
            return _models[index].Model;
        }

        LoadedModel model = new(file.Path);
        _models.Add((file, model));
        if (_models.Count > Kept)
        {
            _models[0].Model.Dispose();
            _models.RemoveAt(0);
        }

        return model;
    }
}
