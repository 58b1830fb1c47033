using System.Text.Json.Serialization;

namespace Graft.Training;

/// <summary>
/// Everything that a run can be told, with its defaults; written to options.json before the first step.
/// </summary>
public sealed record TrainingOptions
{
    private static readonly TimeSpan s_leastBudget = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_mostBudget = TimeSpan.FromHours(1000);

    /// <summary>A body of the catalogue (`graft bodies`) or the path of an ONNX file.</summary>
    public string Body { get; init; } = "efficientnet_lite0";

    /// <summary>A weight file for <see cref="Body"/>; null: the weights that came with it.</summary>
    public string? Weights { get; init; }

    /// <summary>
    /// The side of a named body's square input, 32 to 1,024 pixels; null: what transfers best where that was measured
    /// (EfficientNet-Lite0: 288), else as it was pretrained.
    /// </summary>
    public int? InputSize { get; init; }

    /// <summary>The edge of a foreign ONNX body at which its head is cut off; null: found by itself.</summary>
    public string? FeatureEdge { get; init; }

    /// <summary>
    /// What a foreign ONNX body was trained with: imagenet, half, caffe, raw, zero-to-one or the path of a JSON file;
    /// null: found in the network, or else ImageNet's with a warning.
    /// </summary>
    public string? InputTransform { get; init; }

    /// <summary>
    /// A model of an earlier run, or its folder, to go on from: its weights instead of <see cref="Body"/>'s, its images
    /// beside the new ones, its classes and perhaps further ones; null: none.
    /// </summary>
    public string? ContinueFrom { get; init; }

    /// <summary>Same seed, same machine, same bytes.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>
    /// The part of the training images that is held back to judge, 0.05 to 0.5; used where the data gives no validation
    /// part.
    /// </summary>
    public double ValidationShare { get; init; } = 0.15;

    /// <summary>
    /// The part of all images that is kept for the final evaluation, 0.05 to 0.5; used where the data gives no test
    /// part.
    /// </summary>
    public double TestShare { get; init; } = 0.2;

    /// <summary>
    /// Random crops and flips a training image beside the plain view, 0 to 64; null: 2 to 8, by the number of images
    /// and the body's cost, or fewer where their activations have no room. Recorded as what was taken.
    /// </summary>
    public int? Views { get; init; }

    /// <summary>
    /// Training reads a new random view of every image in every epoch, computed then and not kept, in place of one of
    /// <see cref="Views"/> kept ones (which the probe still has). Slower by the
    /// whole frozen part; for when the kept views are too few.
    /// </summary>
    public bool FreshViews { get; init; }

    /// <summary>
    /// Where the trained part begins: an edge's name, a block's name (layer4, blocks.5; an edge of that name comes
    /// first), or the share (0..1) of the network's multiply-adds to train; 0 trains
    /// the head alone.
    /// Null: about a third, less of a network of more than 5e9 multiply-adds.
    /// </summary>
    public string? Train { get; init; }

    /// <summary>
    /// What makes up for classes of different sizes; null: <see cref="Balance.Weights"/> where the largest class
    /// has more than twice the images of the smallest, else nothing.
    /// </summary>
    public Balance? Balance { get; init; }

    public HeadOptions Head { get; init; } = new();

    public HeadTrainingOptions HeadTraining { get; init; } = new();

    public FineTuneOptions FineTune { get; init; } = new();

    /// <summary>Stop as soon as the validation accuracy reaches this, 0..1; null: go on.</summary>
    public double? TargetAccuracy { get; init; }

    /// <summary>
    /// What the run may take, 1 second to 1,000 hours, earlier sessions of it included; null: what it needs. Reading,
    /// extraction, the probe and the last look at the test images are done in any
    /// case; fine-tuning gets what is left, in as many epochs as fit.
    /// </summary>
    public TimeSpan? Budget { get; init; }

    /// <summary>
    /// The model answers "unsure" below the confidence from which on at most this share of its answers is wrong, 0 to
    /// 0.5 (<see cref="Prediction.ModelCard.UnsureBelow"/>); null: it always answers.
    /// </summary>
    public double? MaxError { get; init; }

    /// <summary>Unusable images above this share (0..1) of all stop the run before training.</summary>
    public double RejectedLimit { get; init; } = 0.01;

    /// <summary>What images, folders and models may cost before they are refused.</summary>
    public Limits Limits { get; init; } = new();

    /// <summary>
    /// What computes frozen layers, and in which arithmetic the others are trained; null: by the processor and the
    /// body. Recorded as what was taken.
    /// </summary>
    public Engine? Engine { get; init; }

    /// <summary>How precisely the activations at the cut are kept.</summary>
    public ActivationPrecision ActivationPrecision { get; init; } = ActivationPrecision.Auto;

    /// <summary>
    /// Processor threads, 0 to 1024; 0: one per core. The last bits of sums depend on the number, so it is recorded in
    /// options.json. While a training runs, it is also libtorch's number of threads for the whole process; the earlier
    /// number is restored at the end.
    /// </summary>
    public int Threads { get; init; }

    /// <summary>
    /// Threads that decode images and run the frozen part of the network on them, 0 to 1024; 0: as
    /// <see cref="Threads"/>. No bit of the result depends on it, and the run does not keep it.
    /// </summary>
    [JsonIgnore]
    public int DecodeThreads { get; init; }

    /// <summary>
    /// Minutes between two checkpoints within an epoch, 0 to 1440; 0: after every batch. No bit of the result depends
    /// on it, and the run does not keep it.
    /// </summary>
    [JsonIgnore]
    public double CheckpointMinutes { get; init; } = 3;

    /// <summary>
    /// Whether the training may change how its process manages memory. No result depends on it, and options.json does
    /// not contain it.
    /// </summary>
    [JsonIgnore]
    public MemoryPolicy MemoryPolicy { get; init; }

    internal int ExtractionThreads => DecodeThreads > 0 ? DecodeThreads : Threads;

    /// <summary>
    /// Where the results of the frozen part are kept between runs; changes no result, and so is no part of a run's
    /// record.
    /// </summary>
    [JsonIgnore]
    public CacheOptions Cache { get; init; } = new();

    /// <summary>Checks every option, those of the nested records included.</summary>
    /// <exception cref="OptionsException">At least one option cannot be used. The exception names all of them.</exception>
    public void Validate()
    {
        OptionProblems problems = new();
        problems.Range(nameof(ValidationShare), ValidationShare, 0.05, 0.5);
        problems.Range(nameof(TestShare), TestShare, 0.05, 0.5);
        problems.Range(nameof(InputSize), InputSize, 32, 1024);
        problems.Range(nameof(Views), Views, 0, 64);
        problems.Range(nameof(TargetAccuracy), TargetAccuracy, 0, 1);
        if (Budget is TimeSpan budget && !(budget >= s_leastBudget && budget <= s_mostBudget))
        {
            problems.Add(nameof(Budget), $"{budget}", "it must lie between 1 second and 1000 hours");
        }

        problems.Range(nameof(MaxError), MaxError, 0, 0.5);
        problems.Range(nameof(RejectedLimit), RejectedLimit, 0, 1);
        problems.Range(nameof(Threads), Threads, 0, 1024);
        problems.Range(nameof(DecodeThreads), DecodeThreads, 0, 1024);
        problems.Range(nameof(CheckpointMinutes), CheckpointMinutes, 0, 1440);
        if (
            ContinueFrom is not null
            && (Weights ?? FeatureEdge ?? InputTransform ?? (Body == new TrainingOptions().Body ? null : Body))
                is not null
        )
        {
            problems.Add(
                nameof(ContinueFrom),
                "",
                "it continues with the body of an earlier model; do not name a body, its weights, edge or transform"
            );
        }

        if (ContinueFrom is not null && FineTune.CoTuning is not null)
        {
            problems.Add(
                "FineTune.CoTuning",
                "",
                "it needs the body's pretrained classifier, which an earlier model does not have; leave it out, "
                    + "or do not continue from an earlier model"
            );
        }

        if (FineTune.Unfreezing == Unfreezing.Progressive && Head.Pooling == Pooling.Stages)
        {
            problems.Add(
                "FineTune.Unfreezing",
                "Progressive",
                "a head on several stages needs all trained layers from the first step; choose another pooling, or Once"
            );
        }

        foreach (OptionProblem problem in Limits.FindProblems())
        {
            problems.Within(nameof(Limits)).Add(problem);
        }

        Cache.Check(problems.Within(nameof(Cache)));
        Head.Check(problems.Within(nameof(Head)));
        HeadTraining.Check(problems.Within(nameof(HeadTraining)));
        FineTune.Check(problems.Within(nameof(FineTune)));
        problems.ThrowIfAny();
    }
}
