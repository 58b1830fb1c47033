using Graft.Infrastructure;
using Graft.Prediction;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>What must hold before and after an evaluation.</summary>
internal static class EvaluationChecks
{
    /// <summary>Every class of the images must be one of the model's.</summary>
    /// <exception cref="GraftException">One is not.</exception>
    public static void Labels(ImageSet set, IReadOnlyList<LabelledImage> images, ModelCard card)
    {
        HashSet<string> known = [.. card.Labels];
        LabelledImage? several = images.FirstOrDefault(image => image.Labels.Count != 1);
        if (card.Task == ClassificationTask.SingleLabel && several is not null)
        {
            throw new GraftException(
                $"'{Printable.Text(set.Source)}' cannot be used: '{Printable.Text(several.Name)}' has "
                    + $"{several.Labels.Count} labels, and the model knows exactly one a picture; name a model of "
                    + "several labels"
            );
        }

        string? unknown = images.SelectMany(image => image.Labels).FirstOrDefault(label => !known.Contains(label));
        if (unknown is not null)
        {
            string labels =
                string.Join(", ", card.Labels.Take(20).Select(label => Printable.Text(label)))
                + (card.Labels.Count > 20 ? ", …" : "");
            string meant = NearestName.Find(unknown, [.. card.Labels]) is string near
                ? $"did you mean '{Printable.Text(near)}'? rename it"
                : "rename it or remove it";
            throw new GraftException(
                $"'{Printable.Text(set.Source)}' cannot be used: its class '{Printable.Text(unknown)}' is none "
                    + $"of the model's ({labels}); {meant}"
            );
        }
    }

    /// <summary>Models are compared class by class: both must know the same ones, in any order.</summary>
    /// <exception cref="GraftException">They do not.</exception>
    public static void Classes(ModelCard card, ModelCard? other, string? otherName)
    {
        if (other is null)
        {
            return;
        }

        if (card.Task != other.Task)
        {
            throw new GraftException(
                $"'{Printable.Text(otherName!)}' cannot be compared: one model gives exactly one label a picture, the "
                    + "other any number; name a model of the same task"
            );
        }

        string? missing = card.Labels.Except(other.Labels).FirstOrDefault();
        string? added = other.Labels.Except(card.Labels).FirstOrDefault();
        if (missing is not null || added is not null)
        {
            string difference = missing is null
                ? $"it has another class '{Printable.Text(added!)}'"
                : $"it has no class '{Printable.Text(missing)}'";
            throw new GraftException(
                $"'{Printable.Text(otherName!)}' cannot be compared: {difference}; name a model of the same classes"
            );
        }
    }

    /// <summary>Names the images that cannot be used.</summary>
    /// <exception cref="GraftException">Their share is over the limit.</exception>
    public static void Rejected(RejectedImage[] rejected, int usable, ImageSet set, double limit, Terminal terminal)
    {
        foreach (RejectedImage image in rejected)
        {
            terminal.Error.WriteLine($"graft: '{Printable.Text(image.Path)}' cannot be used: {image.Reason}");
        }

        int count = usable + rejected.Length;
        if (rejected.Length > limit * count)
        {
            throw new GraftException(
                $"'{Printable.Text(set.Source)}' cannot be used: {rejected.Length} of {count} images are unusable, and "
                    + $"{limit:0.##%} are the limit; mend or remove them, or raise it with --rejected-limit"
            );
        }
    }
}
