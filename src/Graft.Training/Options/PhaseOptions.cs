namespace Graft.Training;

/// <summary>Training the head alone on cached features, the body frozen.</summary>
public sealed record HeadTrainingOptions
{
    /// <summary>
    /// Passes over the training images, 0 to 1000; null: 25 for a random start, hidden layers, or where nothing else is
    /// trained; none otherwise.
    /// </summary>
    public int? Epochs { get; init; }

    public OptimizerKind Optimizer { get; init; } = OptimizerKind.RmsProp;

    /// <summary>
    /// Peak step size, 1e-6 to 10; null: 0.001, for SGD 0.01, and beyond 1,024 features less in proportion.
    /// </summary>
    public double? Rate { get; init; }

    /// <summary>Images a step, 1 to 4096.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>L2 penalty on the weights (not on biases), 0 to 1.</summary>
    public double WeightDecay { get; init; } = 1e-4;

    internal void Check(OptionProblems problems)
    {
        problems.Range(nameof(Epochs), Epochs, 0, 1000);
        problems.Range(nameof(Rate), Rate, 1e-6, 10);
        problems.Range(nameof(Batch), Batch, 1, 4096);
        problems.Range(nameof(WeightDecay), WeightDecay, 0, 1);
    }
}

/// <summary>What is tried before the body is trained: how deep and how fast, where the options say neither.</summary>
public enum SettingSearch
{
    /// <summary>
    /// Smaller and larger rates, and a later cut, in short trainings of about the cost of the extraction; the usual
    /// setting stays where none is clearly better.
    /// </summary>
    Auto,

    /// <summary>Nothing: the usual setting is taken.</summary>
    None,

    /// <summary>As <see cref="Auto"/>, with an earlier cut too, at up to four times the cost.</summary>
    Deep,
}

/// <summary>In which order the layers behind the cut begin to learn.</summary>
public enum Unfreezing
{
    /// <summary>All of them from the first step on.</summary>
    Once,

    /// <summary>
    /// The last ones first; earlier ones when the validation loss stops falling, down to the cut (Howard and Ruder
    /// 2018, section 3.3).
    /// </summary>
    Progressive,
}

/// <summary>Training the tail, body layers included, with a small rate.</summary>
public sealed record FineTuneOptions
{
    /// <summary>
    /// Passes over the training images, 0 to 1000; 0 trains the head alone; null: 4 to 20, fewer for more images.
    /// </summary>
    public int? Epochs { get; init; }

    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Sgd;

    /// <summary>Peak step size of the head, 1e-7 to 10; null: the body's, as it is without co-tuning.</summary>
    public double? HeadRate { get; init; }

    /// <summary>
    /// Peak step size of the body's last layers, 1e-7 to 1; null: 0.01 for SGD, 0.0003 for the others, with co-tuning
    /// over 1 + its factor (at the full rate 2.3 tears the body: docs/results.md); or what <see cref="Search"/> finds.
    /// </summary>
    public double? BodyRate { get; init; }

    /// <summary>
    /// What else is tried where <see cref="BodyRate"/> or <see cref="TrainingOptions.Train"/> is left open.
    /// </summary>
    public SettingSearch Search { get; init; }

    public Unfreezing Unfreezing { get; init; }

    /// <summary>
    /// Each quarter of the trained layers towards the input learns this factor slower, 0.01 to 1 (Howard and Ruder
    /// 2018, section 3.2).
    /// </summary>
    public double QuarterDecay { get; init; } = 0.7;

    /// <summary>
    /// The share of a label's weight that is spread over all classes, 0 to 0.5 (Szegedy et al. 2016, section 7).
    /// </summary>
    public double LabelSmoothing { get; init; } = 0.1;

    /// <summary>Images a step, 1 to 1024.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>L2 penalty on the weights (not on biases and normalisations), 0 to 1.</summary>
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>
    /// The share of all steps over which the rate rises linearly, 0 to 0.5; then it falls to 0 by half a cosine.
    /// </summary>
    public double WarmUpShare { get; init; } = 0.05;

    /// <summary>
    /// How much of the running weight average stays a step, 0 to 0.9999; 0 switches it off (Izmailov et al. 2018; here
    /// exponential).
    /// </summary>
    public double EmaDecay { get; init; } = 0.99;

    /// <summary>Stop after this many epochs without a lower validation loss, 1 to 1000.</summary>
    public int Patience { get; init; } = 8;

    /// <summary>
    /// How often a loss that is not finite may send training back to the last good weights with a tenth of the rate, 0
    /// to 10.
    /// </summary>
    public int MaxRollbacks { get; init; } = 3;

    /// <summary>
    /// For at most about 30 images a class: the body is also held to the classes that it was pretrained on, as far as
    /// the new ones look like them (You et al. 2020), so much beside the new
    /// classes' loss; 0.1 to 10, the paper takes 2.3. The body must come with its classifier. Null: it is not.
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
