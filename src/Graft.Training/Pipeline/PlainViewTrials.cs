using System.Globalization;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Metrics;
using Graft.Training.Probe;
using Graft.Training.Run;

namespace Graft.Training.Pipeline;

/// <summary>
/// Compares ways of showing images to a body: linear probes of the plain views tell the training images apart, by
/// cross-validation.
/// </summary>
/// <param name="options">The options of the run.</param>
/// <param name="cache">Keeps features between runs; null: nothing is kept.</param>
/// <param name="progress">Receives the number of images done.</param>
/// <param name="torchThreads">Threads of libtorch; 0: one per core.</param>
/// <param name="cancel">Stops the trials.</param>
internal sealed class PlainViewTrials(
    TrainingOptions options,
    ActivationCache? cache,
    IProgress<TrainingEvent> progress,
    int torchThreads,
    CancellationToken cancel
)
{
    private const int Folds = 5;

    /// <summary>The best choice with the trials; null where none tells the images apart.</summary>
    /// <param name="subject">What is chosen.</param>
    /// <param name="data">The images.</param>
    /// <param name="choices">The choices, the usual one first.</param>
    /// <param name="nameOf">What a choice is called.</param>
    /// <param name="bodyOf">The body that sees images in the way of a choice.</param>
    public FoundChoice<T>? Best<T>(
        string subject,
        TrainingData data,
        IEnumerable<T> choices,
        Func<T, string> nameOf,
        Func<T, TrainableBody> bodyOf
    )
    {
        using IDisposable threads = TorchSetup.ChangeThreads(torchThreads);
        List<(T Choice, OutOfFoldScore Score)> tried = [];
        foreach (T choice in choices)
        {
            if (ScoreOf(bodyOf(choice), data) is OutOfFoldScore score)
            {
                tried.Add((choice, score));
            }
        }

        if (tried.Count == 0)
        {
            return null; // the probe will say why
        }

        int chosen = FeatureSelection.Best([.. tried.Select(one => one.Score)]);
        int count = tried[0].Score.Count;
        TrialTable table = new(
            subject,
            [
                .. tried.Select(
                    (one, i) => new Trial(nameOf(one.Choice), one.Score.Accuracy, one.Score.Loss, i == chosen)
                ),
            ],
            $"the loss out of fold of {count} images, the first within a standard error"
        );
        return new(tried[chosen].Choice, table, count, MeasureName.Of(data.Task));
    }

    // Null where the features of all images are the same.
    private OutOfFoldScore? ScoreOf(TrainableBody body, TrainingData data)
    {
        ExtractionPlan plan = new()
        {
            Pooling = Pooling.Average,
            Engine = EngineSelection.Of(options.Engine, body.Model),
            Format = ActivationFormat.Single,
            Seed = options.Seed,
            Threads = options.ExtractionThreads,
            ImageLimits = options.Limits.Image,
        };
        using ExtractedFeatures features = ExtractedFeatures.Extract(body, plan, data, cache, progress, cancel);
        HashSet<string> rejected = [.. features.Rejected.Select(image => image.Path)];
        LabelledImage[] images = [.. data.Train.Where(image => !rejected.Contains(image.Name))];
        int[] folds = ValidationScheme.FoldsOf(data, images, options.Seed, Folds);
        try
        {
            ProbeResult probe = ProbeFits.Fit(features.All, data, images, folds, cancel);
            return OutOfFoldScore.Of(probe.OutOfFoldLogits, data.TrueLabelsOf(images), views: 1);
        }
        catch (GraftException)
        {
            return null;
        }
    }
}

/// <summary>What trials have found.</summary>
/// <param name="Choice">What was chosen.</param>
/// <param name="Table">What was tried.</param>
/// <param name="Count">Number of images that were told apart.</param>
/// <param name="Measure">"accuracy" or "mAP".</param>
internal sealed record FoundChoice<T>(T Choice, TrialTable Table, int Count, string Measure)
{
    /// <summary>The trial of the choice.</summary>
    public Trial Chosen => Table.Trials.First(trial => trial.IsChosen);

    /// <summary>One line for the user.</summary>
    public string Summary =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Chosen.Choice}: {Measure} {Chosen.Accuracy:0.000} out of fold, loss {Chosen.Loss:0.000}"
        );
}
