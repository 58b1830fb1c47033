using System.Globalization;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Doctor;
using Graft.Training.Extraction;
using Graft.Training.Probe;
using Graft.Training.Run;

namespace Graft.Training.Pipeline;

/// <summary>
/// Chooses how long images are fitted into the network's input, where the options leave it open. Linear probes of the
/// plain views are compared by cross-validation.
/// </summary>
internal static class FitSearch
{
    private const int Folds = 5;

    private static readonly ImageFit[] s_fits = [ImageFit.Crop, ImageFit.Pad, ImageFit.Squash];

    /// <summary>
    /// False where the options name a fit, or the centre crop shows enough of nearly all images.
    /// </summary>
    /// <param name="body">The body as it was trained.</param>
    /// <param name="options">The options of the run.</param>
    /// <param name="data">The images with their inspection.</param>
    public static bool IsNeeded(TrainableBody body, TrainingOptions options, TrainingData data) =>
        options.Body.Fit is null
        && options.ContinueFrom is null
        && data.Inspection is Inspection inspection
        && CropFindings.AreMany(inspection, body.Preprocessing);

    /// <summary>The chosen fit with the trials; null where no fit tells the images apart.</summary>
    /// <param name="body">The body as it was trained.</param>
    /// <param name="options">The options of the run.</param>
    /// <param name="data">The images with their inspection.</param>
    /// <param name="cache">Keeps features between runs; null: nothing is kept.</param>
    /// <param name="progress">Receives the warning and the number of images done.</param>
    /// <param name="torchThreads">Threads of libtorch; 0: one per core.</param>
    /// <param name="cancel">Stops the search.</param>
    public static FoundFit? Run(
        TrainableBody body,
        TrainingOptions options,
        TrainingData data,
        ActivationCache? cache,
        IProgress<TrainingEvent> progress,
        int torchThreads,
        CancellationToken cancel
    )
    {
        using IDisposable threads = TorchSetup.ChangeThreads(torchThreads);
        List<(ImageFit Fit, OutOfFoldScore Score)> tried = [];
        foreach (ImageFit fit in s_fits)
        {
            if (ScoreOf(body.With(fit), options, data, cache, progress, cancel) is OutOfFoldScore score)
            {
                tried.Add((fit, score));
            }
        }

        if (tried.Count == 0)
        {
            return null; // the probe will say why
        }

        int chosen = FeatureSelection.Best([.. tried.Select(one => one.Score)]);
        FoundFit found = new(tried[chosen].Fit, TableOf(tried, chosen));
        double lost = CropFindings.MedianLost(data.Inspection!, body.Preprocessing);
        string option = $"{nameof(TrainingOptions.Body)}.{nameof(BodySource.Fit)}";
        progress.Report(new Notice(Text(found.Fit, lost), IsWarning: true) { Option = option });
        return found;
    }

    private static TrialTable TableOf(List<(ImageFit Fit, OutOfFoldScore Score)> tried, int chosen) =>
        new(
            "how images are fitted into the input",
            [
                .. tried.Select(
                    (one, i) => new Trial(Name(one.Fit), one.Score.Accuracy, one.Score.Loss, i == chosen)
                ),
            ],
            $"the loss out of fold of {tried[0].Score.Count} images, the first within a standard error"
        );

    private static string Text(ImageFit fit, double lost)
    {
        string cropped = $"the centre crop leaves {Math.Round(100 * lost)} % of the usual image out";
        return fit == ImageFit.Crop
            ? $"{cropped}; it stays, because no other fit is clearly better"
            : $"{cropped}; the fit {Name(fit)} is used, which shows all of it and is better";
    }

    private static string Name(ImageFit fit) => fit.ToString().ToLowerInvariant();

    // Null where the fit shows the same of all images.
    private static OutOfFoldScore? ScoreOf(
        TrainableBody body,
        TrainingOptions options,
        TrainingData data,
        ActivationCache? cache,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel
    )
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
            return OutOfFoldScore.Of(probe.OutOfFoldLogits, data.LabelsOf(images), views: 1);
        }
        catch (GraftException)
        {
            return null;
        }
    }
}

/// <summary>The fit that a search has found.</summary>
/// <param name="Fit">How images are fitted.</param>
/// <param name="Table">What was tried.</param>
internal sealed record FoundFit(ImageFit Fit, TrialTable Table)
{
    /// <summary>One line for the user.</summary>
    public string Summary
    {
        get
        {
            Trial chosen = Table.Trials.First(trial => trial.IsChosen);
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{chosen.Choice}: accuracy {chosen.Accuracy:0.000} out of fold, loss {chosen.Loss:0.000}"
            );
        }
    }
}
