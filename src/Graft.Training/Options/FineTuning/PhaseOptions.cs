namespace Graft.Training;

/// <summary>Head training: trains the head on cached features, with the body frozen.</summary>
public sealed record HeadTrainingOptions
{
    /// <summary>
    /// Passes over the training images, 0 to 1000. Null: 25 for a random start, for hidden layers, or where nothing
    /// else is trained; otherwise none.
    /// </summary>
    public int? Epochs { get; init; }

    /// <summary>Optimiser of head training.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.RmsProp;

    /// <summary>
    /// Peak learning rate, 1e-6 to 10. Null: 0.001, or 0.01 for SGD; above 1,024 features proportionally less.
    /// </summary>
    public double? Rate { get; init; }

    /// <summary>Images per step, 1 to 4096.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>L2 penalty on the weights, 0 to 1. Biases have none.</summary>
    public double WeightDecay { get; init; } = 1e-4;

    internal void Check(OptionProblems problems)
    {
        problems.Range(nameof(Epochs), Epochs, 0, 1000);
        problems.Range(nameof(Rate), Rate, 1e-6, 10);
        problems.Range(nameof(Batch), Batch, 1, 4096);
        problems.Range(nameof(WeightDecay), WeightDecay, 0, 1);
    }
}

/// <summary>Search for the cut and the learning rate where the options leave them open.</summary>
public enum SettingSearch
{
    /// <summary>
    /// Tries smaller and larger rates and a later cut, in short trainings that cost about as much as the extraction.
    /// Keeps the default setting unless another one is clearly better.
    /// </summary>
    Auto,

    /// <summary>No search: the default setting.</summary>
    None,

    /// <summary>As <see cref="Auto"/>, and an earlier cut too, at up to four times the cost.</summary>
    Deep,
}

/// <summary>Order in which the layers behind the cut begin to learn.</summary>
public enum Unfreezing
{
    /// <summary>All layers from the first step on.</summary>
    Once,

    /// <summary>
    /// The last layers first. Earlier layers follow, down to the cut, when the validation loss stops falling (Howard
    /// and Ruder 2018, section 3.3).
    /// </summary>
    Progressive,
}

/// <summary>Fine-tuning: trains the head and the last layers of the body with a small learning rate.</summary>
public sealed record FineTuneOptions
{
    /// <summary>
    /// Passes over the training images, 0 to 1000. 0: only the head is trained. Null: 4 to 20, fewer for more images.
    /// </summary>
    public int? Epochs { get; init; }

    /// <summary>
    /// The layers of the body that are trained. Null: about the last third, less of a network of more than 5e9
    /// multiply-adds.
    /// </summary>
    public TrainedPart? Train { get; init; }

    /// <summary>The optimizer.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Sgd;

    /// <summary>
    /// Peak learning rate of the head, 1e-7 to 10. Null: the rate that the body has without co-tuning.
    /// </summary>
    public double? HeadRate { get; init; }

    /// <summary>
    /// Peak learning rate of the body's last layers, 1e-7 to 1. Null: the rate that <see cref="Search"/> finds, or 0.01
    /// for SGD and 0.0003 for the others. With co-tuning it is divided by 1 + its factor: at the full rate a factor of
    /// 2.3 destroys the body's features (docs/results.md).
    /// </summary>
    public double? BodyRate { get; init; }

    /// <summary>
    /// What else is tried where <see cref="BodyRate"/> or <see cref="Train"/> is null.
    /// </summary>
    public SettingSearch Search { get; init; }

    /// <summary>Order in which the trained layers begin to learn.</summary>
    public Unfreezing Unfreezing { get; init; }

    /// <summary>
    /// Each quarter of the trained layers towards the input learns this factor slower, 0.01 to 1 (Howard and Ruder
    /// 2018, section 3.2).
    /// </summary>
    public double QuarterDecay { get; init; } = 0.7;

    /// <summary>
    /// Share of a label's weight that is spread over all classes, 0 to 0.5 (Szegedy et al. 2016, section 7).
    /// </summary>
    public double LabelSmoothing { get; init; } = 0.1;

    /// <summary>
    /// The loss where images may have several labels; that of head training too. Null: cross-entropy, or what
    /// <see cref="LabelLoss.Auto"/> finds with <see cref="Effort.Best"/>.
    /// </summary>
    public LabelLoss? Loss { get; init; }

    /// <summary>Images per step, 1 to 1024.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>L2 penalty on the weights, 0 to 1. Biases and normalisations have none.</summary>
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>
    /// Share of all steps in which the learning rate rises linearly, 0 to 0.5. Then it falls to 0 by half a cosine.
    /// </summary>
    public double WarmUpShare { get; init; } = 0.05;

    /// <summary>
    /// Decay of the exponential moving average (EMA) of the weights per step, 0 to 0.9999. 0: no average (Izmailov et
    /// al. 2018 average equally instead).
    /// </summary>
    public double EmaDecay { get; init; } = 0.99;

    /// <summary>Epochs without a lower validation loss after which training stops, 1 to 1000.</summary>
    public int Patience { get; init; } = 8;

    /// <summary>
    /// Largest number of rollbacks, 0 to 10. When the loss diverges, a rollback restores the last good weights and
    /// divides the learning rate by 10.
    /// </summary>
    public int MaxRollbacks { get; init; } = 3;

    /// <summary>
    /// Factor of the co-tuning loss, 0.1 to 10; the paper uses 2.3 (You et al. 2020). Co-tuning also trains the body on
    /// its pretrained classes, as far as they resemble the new ones. It is meant for at most about 30 images per class,
    /// and the body must have its pretrained classifier. Null: no co-tuning.
    /// </summary>
    public double? CoTuning { get; init; }

    internal void Check(OptionProblems problems)
    {
        problems.Range(nameof(CoTuning), CoTuning, 0.1, 10);
        problems.Range(nameof(Epochs), Epochs, 0, 1000);
        problems.Range(nameof(HeadRate), HeadRate, 1e-7, 10);
        problems.Range(nameof(BodyRate), BodyRate, 1e-7, 1);
        problems.Range(nameof(QuarterDecay), QuarterDecay, 0.01, 1);
        problems.Range(nameof(LabelSmoothing), LabelSmoothing, 0, 0.5);
        problems.Range(nameof(Batch), Batch, 1, 1024);
        problems.Range(nameof(WeightDecay), WeightDecay, 0, 1);
        problems.Range(nameof(WarmUpShare), WarmUpShare, 0, 0.5);
        problems.Range(nameof(EmaDecay), EmaDecay, 0, 0.9999);
        problems.Range(nameof(Patience), Patience, 1, 1000);
        problems.Range(nameof(MaxRollbacks), MaxRollbacks, 0, 10);
    }
}
