using Graft.Infrastructure;
using Graft.Prediction;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;

namespace Graft.Training;

/// <summary>
/// Computes the features of images: the outputs of a pretrained network without its classifier. They are cached on disk
/// by the content of the images and the network. May be used from several threads.
/// </summary>
public sealed class FeatureExtractor : IDisposable
{
    private readonly TrainableBody _body;
    private readonly ExtractionPlan _plan;
    private readonly FeatureOptions _options;
    private readonly Lock _gate = new();
    private ActivationCache? _cache;
    private bool _isOpen;
    private bool _isDisposed;

    private FeatureExtractor(TrainableBody body, ExtractionPlan plan, FeatureOptions options) =>
        (_body, _plan, _options) = (body, plan, options);

    /// <summary>Loads a network.</summary>
    /// <param name="body">The network.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    /// <exception cref="GraftException">
    /// The network is not known, cannot be read, or its weights do not fit.
    /// </exception>
    public static FeatureExtractor Create(BodySource body, FeatureOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        options ??= new();
        options.Validate();
        OptionProblems problems = new();
        body.Check(problems.Within(nameof(TrainingOptions.Body)));
        problems.ThrowIfAny();
        TrainableBody loaded = TrainableBodyLoader.Load(BodyPlan.Of(body, options.Limits));
        if (loaded.IsJoined && options.Pooling == Pooling.Flatten)
        {
            throw JoinedPooling.NoFlatMap(nameof(FeatureOptions.Pooling));
        }

        loaded = BranchCuts.Of(loaded).WithStages(loaded, from: null);
        ExtractionPlan plan = new()
        {
            Pooling = options.Pooling,
            Engine = EngineSelection.Of(options.Engine, loaded.Model, options.Cache),
            Format = ActivationFormat.Single,
            Threads = options.Threads,
            ImageLimits = options.Limits.Image,
        };
        return new(loaded, plan, options);
    }

    /// <summary>Computes the features of all images of a set, in the set's order.</summary>
    /// <param name="images">The images. Those that cannot be decoded are listed in the table's rejected images.</param>
    /// <param name="progress">Receives warnings and the number of images done.</param>
    /// <param name="cancel">Stops the extraction. What is computed stays in the cache.</param>
    /// <exception cref="GraftException">Too few images can be decoded.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was triggered.</exception>
    public FeatureTable Extract(
        ImageSet images,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(images);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        progress ??= TrainingProgress.None;
        TrainingData data = new(
            images,
            ImageSplit.FromParts(images, images.Images.ToDictionary(image => image.Name, _ => ImagePart.Train))
        )
        {
            Inspection = null,
        };
        RequireOneLabel(data);
        using ExtractedFeatures extracted = ExtractedFeatures.Extract(
            _body,
            _plan,
            data,
            OpenCache(progress),
            progress,
            cancel
        );
        data = data.Without(extracted.Rejected, rejectedLimit: 1, progress);
        return TableOf(extracted, data);
    }

    /// <inheritdoc cref="Extract"/>
    public Task<FeatureTable> ExtractAsync(
        ImageSet images,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Extract(images, progress, cancel), CancellationToken.None);

    /// <summary>Closes the cache. No extraction may be in progress.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _cache?.Dispose();
            _cache = null;
        }
    }

    // a table has one class a row
    private static void RequireOneLabel(TrainingData data)
    {
        if (data.Task == ClassificationTask.MultiLabel)
        {
            throw new GraftException(
                $"'{Printable.Text(data.Set.Source)}' cannot be used: its images may have several labels, and a table "
                    + "of features has one class a row; give each image one label"
            );
        }
    }

    private static FeatureTable TableOf(ExtractedFeatures extracted, TrainingData data)
    {
        IReadOnlyList<LabelledImage> images = data.Train;
        float[] values = extracted.All.Gather([.. images.Select(image => extracted.All.FirstRows[image.Name])]);
        return new(values, data.LabelsOf(images), data.Set.Classes, [.. images.Select(image => image.Name)])
        {
            Rejected = extracted.Rejected,
            Clusters = [.. images.Select(image => image.Cluster)],
            Groups = extracted.All.Columns.Groups,
        };
    }

    // The first extraction opens it: its listener is told why there may be none, and what is assumed of the body.
    private ActivationCache? OpenCache(IProgress<TrainingEvent> progress)
    {
        lock (_gate)
        {
            if (!_isOpen)
            {
                Array.ForEach([.. _body.Warnings], progress.Report);
                _cache = ActivationCache.Open(_options.Cache, TimeProvider.System, warning =>
                    progress.Report(new Notice(warning, IsWarning: true))
                );
                _isOpen = true;
            }

            return _cache;
        }
    }
}
