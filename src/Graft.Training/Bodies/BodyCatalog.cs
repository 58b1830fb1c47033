using Graft.Training.Bodies;

namespace Graft.Training;

/// <summary>
/// The networks that have a name: those of the catalogue, and ONNX files imported on this machine. Their files lie in
/// the folder that the environment variable GRAFT_HOME names, by default the platform's folder for user data.
/// </summary>
public static class BodyCatalog
{
    /// <summary>The environment variable that names the folder of imported bodies and weights.</summary>
    public const string HomeVariable = BodyStore.HomeVariable;

    /// <summary>The environment variable that names another server than the publisher's.</summary>
    public const string MirrorVariable = BodyPull.MirrorVariable;

    /// <summary>All networks: imported ones first, then the catalogue, family by family and small to large.</summary>
    public static IReadOnlyList<BodyInfo> List()
    {
        BodyStore store = BodyStore.OfUser();
        return
        [
            .. store.Cards().Select(BodyFacts.Describe),
            .. NamedBodies.Entries.Select(entry => BodyFacts.Describe(entry, store)),
        ];
    }

    /// <summary>The network with a name or alias.</summary>
    /// <param name="name">Capitals, '-', '_' and '.' do not matter in a name of the catalogue.</param>
    /// <exception cref="GraftException">No network has that name; the message suggests a similar one.</exception>
    public static BodyInfo Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        BodyStore store = BodyStore.OfUser();
        return store.Has(name)
            ? BodyFacts.Describe(store.Card(name))
            : BodyFacts.Describe(NamedBodies.Find(name), store);
    }

    /// <summary>The name of the network that a name or alias stands for. Cheaper than <see cref="Find"/>.</summary>
    /// <param name="name">Capitals, '-', '_' and '.' do not matter in a name of the catalogue.</param>
    /// <exception cref="GraftException">No network has that name; the message suggests a similar one.</exception>
    public static string NameOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return BodyStore.OfUser().Has(name) ? name : NamedBodies.Find(name).Name;
    }

    /// <summary>Downloads a network's published weights and checks their SHA-256.</summary>
    /// <remarks>
    /// Continues an interrupted download. Uses the proxies of HTTPS_PROXY, HTTP_PROXY and NO_PROXY.
    /// </remarks>
    /// <param name="name">A name or alias of the catalogue.</param>
    /// <param name="mirror">A folder that holds the publisher's files under their names. Null: the address in the
    /// environment variable GRAFT_WEIGHTS_URL, or the publisher.</param>
    /// <param name="progress">Receives the bytes downloaded.</param>
    /// <param name="cancel">Stops the download; a later call continues it.</param>
    /// <exception cref="GraftException">The weights have no known address, cannot be downloaded, or do not
    /// fit.</exception>
    public static StoredWeights Pull(
        string name,
        Uri? mirror = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(name);
        BodyEntry entry = NamedBodies.Find(name);
        string path = BodyPull.Pull(
            BodyStore.OfUser(),
            entry,
            mirror?.OriginalString,
            progress,
            new DownloadLimits(),
            cancel
        );
        KnownWeights weights = entry.DownloadableWeights!;
        return new()
        {
            Body = entry.Name,
            Path = path,
            Sha256 = weights.Sha256,
            License = weights.Licence,
            Origin = weights.Publisher,
        };
    }

    /// <inheritdoc cref="Pull"/>
    public static Task<StoredWeights> PullAsync(
        string name,
        Uri? mirror = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Pull(name, mirror, progress, cancel), cancel);

    /// <summary>Checks that a weight file fits a network of the catalogue and stores a copy of it.</summary>
    /// <param name="name">A name or alias of the catalogue.</param>
    /// <param name="file">A safetensors, PyTorch (.pth) or Keras (.h5, .keras) file.</param>
    /// <exception cref="GraftException">The name is unknown, or the file cannot be read or does not fit.</exception>
    public static StoredWeights Add(string name, string file)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(file);
        BodyEntry entry = NamedBodies.Find(name);
        (string path, Body body) = BodyPull.Add(BodyStore.OfUser(), entry, file);
        return new()
        {
            Body = entry.Name,
            Path = path,
            Sha256 = body.Card.WeightsSha256,
            License = body.Card.Licence,
            Origin = body.Card.Origin,
        };
    }

    /// <summary>Stores an ONNX classifier of images as a body with a name.</summary>
    /// <param name="path">An .onnx file; its weights may lie in files beside it.</param>
    /// <param name="options">Null: everything is read from the file.</param>
    /// <exception cref="GraftException">The file is not an image classifier, it does not say how its images were
    /// prepared, or the name is taken.</exception>
    public static ImportReport Import(string path, ImportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        options ??= new();
        return new(
            BodyImport.Run(
                BodyStore.OfUser(),
                path,
                options.Name,
                options.InputTransform,
                options.FeatureEdge,
                options.License,
                options.Replace,
                options.Limits
            )
        );
    }

    /// <summary>Measures how long a network of the catalogue takes for one image on this machine.</summary>
    /// <remarks>
    /// The body without its classifier, at the size of its pretraining, in ONNX Runtime. Needs no weights.
    /// </remarks>
    /// <param name="name">A name or alias of the catalogue.</param>
    /// <param name="threads">Threads for one image; 0 for one per core.</param>
    /// <param name="cancel">Stops the measurement.</param>
    /// <returns>The median of several runs.</returns>
    /// <exception cref="GraftException">No network has that name.</exception>
    public static TimeSpan MeasureTime(string name, int threads = 0, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        return BodySpeed.Measure(NamedBodies.Find(name), threads, TimeProvider.System, cancel);
    }

    /// <summary>
    /// Up to three bodies that no other of the catalogue beats in both measured speed and published accuracy on
    /// ImageNet, from the fastest to the most accurate. Takes about half a minute.
    /// </summary>
    /// <remarks>
    /// The last one is the most accurate within the budget. The others are the most accurate in a third and in a ninth
    /// of its time, where the catalogue has such. ImageNet's accuracy is a hint: compare probes on your own images.
    /// </remarks>
    /// <param name="budget">Longest time of one image; null: any.</param>
    /// <param name="threads">Threads for one image; 0 for one per core.</param>
    /// <param name="progress">Receives how many bodies were measured.</param>
    /// <param name="cancel">Stops the measurement.</param>
    /// <returns>Empty where no body is as fast as the budget asks.</returns>
    public static IReadOnlyList<BodyRecommendation> Recommend(
        TimeSpan? budget = null,
        int threads = 0,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        BodyStore store = BodyStore.OfUser();
        IReadOnlyList<BodyInfo> bodies = BodyFront.WorthMeasuring([
            .. NamedBodies.Entries.Select(entry => BodyFacts.Describe(entry, store)),
        ]);
        List<BodyRecommendation> measured = [];
        foreach (BodyInfo body in bodies)
        {
            measured.Add(new(body, MeasureTime(body.Name, threads, cancel)));
            progress?.Report(new Progressed("measure", measured.Count, bodies.Count, "bodies", 0, TimeSpan.Zero));
        }

        return BodyFront.Choose(BodyFront.Of(measured), budget);
    }

    /// <summary>The cut points of a body: where it can be divided into a frozen and a trained part.</summary>
    /// <param name="body">Its weights are not needed, except those of an ONNX file.</param>
    /// <exception cref="GraftException">The body is unknown or cannot be read.</exception>
    /// <exception cref="ArgumentException">The body has another input size than <see cref="BodySource.InputSize"/>, and
    /// cannot be changed.</exception>
    public static BodyCuts Cuts(BodySource body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return CutList.Of(body);
    }
}
