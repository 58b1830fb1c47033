using System.Text.Json.Serialization;
using Graft.Prediction;

namespace Graft.Training;

/// <summary>
/// Options of a training. They are written to options.json before the first step.
/// </summary>
public sealed partial record TrainingOptions
{
    /// <summary>The pretrained network (backbone), with its weights, input size and input transform.</summary>
    public BodySource Body
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = BodySource.Named(BodySource.DefaultName);

    /// <summary>
    /// Model or folder of an earlier run to continue from. The training uses its weights instead of the
    /// <see cref="Body"/>, and its images and classes beside the new ones. Null: none.
    /// </summary>
    public string? ContinueFrom { get; init; }

    /// <summary>How folders and lists of images are read.</summary>
    public DataOptions Data
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = new();

    /// <summary>
    /// Whether each image has one label or any number. Null: decided by the data; any number where an image has not
    /// exactly one.
    /// </summary>
    public ClassificationTask? Task { get; init; }

    /// <summary>How much work the training does, where other options leave it open.</summary>
    public Effort Effort { get; init; } = Effort.Normal;

    /// <summary>Seed of all random draws. The same seed on the same machine gives the same bytes.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>
    /// Share of the images left after the test part that become the validation part, 0.05 to 0.5. Used where the data
    /// give no validation part.
    /// </summary>
    public double ValidationShare { get; init; } = 0.15;

    /// <summary>
    /// Share of all images that are kept for the final evaluation, 0.05 to 0.5. Used where the data give no test part.
    /// </summary>
    public double TestShare { get; init; } = 0.2;

    /// <summary>
    /// Random views (crops and flips) of each training image beside the plain view, 0 to 64. Null: 2 to 8, by the
    /// number of images and the cost of the body, or fewer where the cache is too small; 0 with
    /// <see cref="Effort.Quick"/>, up to 16 with <see cref="Effort.Best"/>, and 1 to 8 where nothing is trained after
    /// the probe. The number is recorded in options.json.
    /// </summary>
    public int? Views { get; init; }

    /// <summary>
    /// True: fine-tuning computes a new random view of every image in every epoch, instead of using one of the kept
    /// <see cref="Views"/>. Every epoch then also runs the frozen layers. The probe still uses the kept views.
    /// </summary>
    public bool FreshViews { get; init; }

    /// <summary>
    /// Compensation for classes of different sizes. Null: <see cref="Balance.Weights"/> if the largest class has more
    /// than twice as many images as the smallest, otherwise none.
    /// </summary>
    public Balance? Balance { get; init; }

    /// <summary>The new classifier.</summary>
    public HeadOptions Head
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = new();

    /// <summary>Head training, with the body frozen.</summary>
    public HeadTrainingOptions HeadTraining
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = new();

    /// <summary>Fine-tuning of the head and the body's last layers.</summary>
    public FineTuneOptions FineTune
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = new();

    /// <summary>Validation accuracy at which training stops, 0 to 1; null: none.</summary>
    public double? TargetAccuracy { get; init; }

    /// <summary>
    /// Time for the run, 1 second to 1,000 hours, earlier sessions included; null: unlimited. Reading, a first probe of
    /// the plain views and the final evaluation always run completely. Random views, the probe with them and
    /// fine-tuning get the rest of the time, fine-tuning in as many epochs as fit.
    /// </summary>
    public TimeSpan? Budget { get; init; }

    /// <summary>
    /// Largest share of wrong answers, 0 to 0.5. The model answers "unsure" below the confidence that keeps to it
    /// (<see cref="Prediction.ModelCard.UnsureBelow"/>). Null: it always answers.
    /// </summary>
    public double? MaxError { get; init; }

    /// <summary>
    /// From which probability a label is given, where images may have several labels. Null: the highest F1 of each
    /// label.
    /// </summary>
    public LabelThreshold? Threshold { get; init; }

    /// <summary>
    /// True: features, hashes and thumbnails of all images but the test images are kept in a file beside the model
    /// (<see cref="Explanation.NeighbourFile"/>), so that those nearest to another image can be shown.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool WithNeighbours { get; init; }

    /// <summary>Share of unusable images, 0 to 1, above which the run stops before training.</summary>
    public double RejectedLimit { get; init; } = 0.01;

    /// <summary>Limits above which images, folders and models are refused.</summary>
    public Limits Limits
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = new();

    /// <summary>
    /// Library of the frozen layers and precision of the trained ones. Null: chosen by the processor and the body. The
    /// choice is recorded in options.json.
    /// </summary>
    public Engine? Engine { get; init; }

    /// <summary>Precision of the kept activations at the cut.</summary>
    public ActivationPrecision ActivationPrecision { get; init; } = ActivationPrecision.Auto;

    /// <summary>
    /// Processor threads, 0 to 1024; 0: one per core. The last bits of sums depend on the number, so it is recorded in
    /// options.json. While a training runs, it is also libtorch's number of threads for the whole process; the earlier
    /// number is restored at the end.
    /// </summary>
    public int Threads { get; init; }

    /// <summary>
    /// Threads that decode images and run the frozen layers on them, 0 to 1024; 0: as <see cref="Threads"/>. No result
    /// depends on it, and options.json does not contain it.
    /// </summary>
    [JsonIgnore]
    public int DecodeThreads { get; init; }

    /// <summary>
    /// Minutes between two checkpoints within an epoch, 0 to 1440; 0: after every batch. No result depends on it, and
    /// options.json does not contain it.
    /// </summary>
    [JsonIgnore]
    public double CheckpointMinutes { get; init; } = 3;

    /// <summary>
    /// Whether the training may change how its process manages memory. No result depends on it, and options.json does
    /// not contain it.
    /// </summary>
    [JsonIgnore]
    public MemoryPolicy MemoryPolicy { get; init; }

    /// <summary>
    /// Threads that compute while training, where <see cref="Threads"/> leaves the number open and another machine has
    /// chosen it. Null: as <see cref="Threads"/> says.
    /// </summary>
    internal int? TorchThreads { get; init; }

    internal int ExtractionThreads => DecodeThreads > 0 ? DecodeThreads : Threads;

    /// <summary>
    /// The cache of activations between runs. No result depends on it, and options.json does not contain it.
    /// </summary>
    [JsonIgnore]
    public CacheOptions Cache
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = new();

    /// <summary>
    /// Folder of a store whose shards are merged (<see cref="FeatureShards"/>). Features and activations are read from
    /// it; images that it lacks are computed. Null: none. No bit of the result depends on it, unless
    /// <see cref="MixedMachines"/> is used. options.json names it beside these options.
    /// </summary>
    [JsonIgnore]
    public string? FeaturesFrom { get; init; }

    /// <summary>
    /// True: <see cref="FeaturesFrom"/> may hold what machines with other instruction sets than this one's computed.
    /// The result is then not reproducible to the bit, and the model's card says so.
    /// </summary>
    [JsonIgnore]
    public bool MixedMachines { get; init; }

    /// <summary>
    /// Folder of planned trainings whose units are complete (<see cref="TrainingUnits"/>). A repeated training takes
    /// its runs from there instead of training; no bit of them depends on it. Null: none.
    /// </summary>
    [JsonIgnore]
    public string? UnitsFrom { get; init; }

    /// <summary>
    /// Processes that train the seeds of a repeated training at the same time. <see cref="Threads"/> are divided among
    /// them: the results are those of one process with as many threads as each of them has. Null: this process trains.
    /// </summary>
    [JsonIgnore]
    public TrainingWorkers? Workers { get; init; }
}
