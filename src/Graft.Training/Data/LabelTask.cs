using Graft.Infrastructure;
using Graft.Prediction;

namespace Graft.Training.Data;

/// <summary>Decides whether the images of a set have one label each, or any number.</summary>
internal static class LabelTask
{
    /// <summary>The task, and what the user should know of it where the images have several labels.</summary>
    /// <param name="images">The usable images.</param>
    /// <param name="asked">What was asked for; null: the images decide.</param>
    /// <param name="source">Name of the set in messages.</param>
    /// <exception cref="GraftException">One label was asked for and an image has several, or none; or a label cannot be
    /// told from two in the files of a run.</exception>
    public static (ClassificationTask Task, string? Note) Of(
        IReadOnlyCollection<LabelledImage> images,
        ClassificationTask? asked,
        string source
    )
    {
        LabelledImage? other = images.FirstOrDefault(image => image.Labels.Count != 1);
        if (asked == ClassificationTask.SingleLabel && other is not null)
        {
            throw Problem(
                source,
                other.Labels.Count == 0
                    ? $"'{Printable.Text(other.Name)}' has no label, and one label a picture was asked for; label it, "
                        + "or allow several labels"
                    : $"'{Printable.Text(other.Name)}' has {other.Labels.Count} labels, "
                        + $"'{Printable.Text(other.Labels[0])}' and '{Printable.Text(other.Labels[1])}', and one label "
                        + "a picture was asked for; keep one, or allow several labels",
                nameof(TrainingOptions.Task)
            );
        }

        bool isMulti = (asked ?? ClassificationTask.SingleLabel) == ClassificationTask.MultiLabel || other is not null;
        if (!isMulti)
        {
            return (ClassificationTask.SingleLabel, null);
        }

        LabelledImage? ambiguous = images.FirstOrDefault(image => image.Labels.Any(IsAmbiguous));
        return ambiguous is null
            ? (ClassificationTask.MultiLabel, Describe(images))
            : throw Problem(
                source,
                $"'{Printable.Text(ambiguous.Name)}' has the label "
                    + $"'{Printable.Text(ambiguous.Labels.First(IsAmbiguous))}', and '{LabelList.Separator}' stands "
                    + "between labels; rename it"
            );
    }

    /// <summary>How many labels the images have, as in "several labels a picture: 12 of 90 images have more than
    /// one".</summary>
    public static string Describe(IReadOnlyCollection<LabelledImage> images)
    {
        int several = images.Count(image => image.Labels.Count > 1);
        int none = images.Count(image => image.Labels.Count == 0);
        return $"several labels a picture: {several:N0} of {images.Count:N0} images have more than one, "
            + $"{none:N0} have none";
    }

    private static bool IsAmbiguous(string label) => label.Length == 0 || label.Contains(LabelList.Separator);

    private static GraftException Problem(string source, string reason, string? option = null) =>
        new($"'{Printable.Text(source)}' cannot be used: {reason}") { Option = option };
}
