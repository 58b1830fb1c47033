using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Doctor;

namespace Graft.Training.Pipeline;

/// <summary>
/// Chooses how long images are fitted into the network's input, where the options leave it open. Linear probes of the
/// plain views are compared by cross-validation.
/// </summary>
internal static class FitSearch
{
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
    /// <param name="data">The images with their inspection.</param>
    /// <param name="trials">Compares the fits.</param>
    /// <param name="progress">Receives the warning.</param>
    public static FoundChoice<ImageFit>? Run(
        TrainableBody body,
        TrainingData data,
        PlainViewTrials trials,
        IProgress<TrainingEvent> progress
    )
    {
        FoundChoice<ImageFit>? found = trials.Best("how images are fitted into the input", data, s_fits, Name, fit =>
            body.With(fit)
        );
        if (found is not null)
        {
            double lost = CropFindings.MedianLost(data.Inspection!, body.Preprocessing);
            string option = $"{nameof(TrainingOptions.Body)}.{nameof(BodySource.Fit)}";
            progress.Report(new Notice(Text(found.Choice, lost), IsWarning: true) { Option = option });
        }

        return found;
    }

    private static string Text(ImageFit fit, double lost)
    {
        string cropped = $"the centre crop leaves {Math.Round(100 * lost)} % of the usual image out";
        return fit == ImageFit.Crop
            ? $"{cropped}; it stays, because no other fit is clearly better"
            : $"{cropped}; the fit {Name(fit)} is used, which shows all of it and is better";
    }

    private static string Name(ImageFit fit) => fit.ToString().ToLowerInvariant();
}
