using Graft.Infrastructure;
using Graft.Prediction;

namespace Graft.Training.Data;

/// <summary>The images of a source that is neither plain class folders nor a CSV file of Graft's own.</summary>
/// <param name="What">What the source was taken for, as in "a zip archive of class folders".</param>
/// <param name="Images">Files with labels, in ordinal order of their paths.</param>
internal sealed record RecognisedImages(string What, IReadOnlyList<ScannedFile> Images)
{
    /// <summary>True if the images are boxes of larger ones.</summary>
    public bool AreCropped { get; init; }

    /// <summary>Files that the lists name without a label.</summary>
    public IReadOnlyList<ScannedFile> Unlabelled { get; init; } = [];

    /// <summary>True where the lists say that an image may have several labels, even if none has.</summary>
    public bool HasLabelLists { get; init; }

    /// <summary>What the user must know about the images, one line each, safe to print.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>
    /// The same images with those without a label, where images may have several labels; otherwise with a warning that
    /// they are left out, because most of them are waiting for their label.
    /// </summary>
    /// <param name="asked">What was asked for; null: the labels decide.</param>
    public RecognisedImages For(ClassificationTask? asked)
    {
        if (Unlabelled.Count == 0)
        {
            return this;
        }

        bool isMulti = asked is ClassificationTask task
            ? task == ClassificationTask.MultiLabel
            : HasLabelLists || Images.Any(image => image.Labels!.Count > 1);
        return isMulti
            ? this with
            {
                Images = [.. Images.Concat(Unlabelled).OrderBy(image => image.Path, StringComparer.Ordinal)],
                Unlabelled = [],
            }
            : this with
            {
                Warnings =
                [
                    .. Warnings,
                    $"{Unlabelled.Count:N0} {(Unlabelled.Count == 1 ? "image has" : "images have")} no class and "
                        + $"{(Unlabelled.Count == 1 ? "is" : "are")} left out; "
                        + $"the first is '{Printable.Text(Unlabelled[0].Path)}'",
                ],
            };
    }
}
