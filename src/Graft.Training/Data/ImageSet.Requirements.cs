using Graft.Infrastructure;
using Graft.Prediction;
using Graft.Training.Data;

namespace Graft.Training;

/// <content>What a set must have.</content>
public sealed partial class ImageSet
{
    private const int EmptyShown = 3;
    private const string WayOut = "; mend it, list it in ignore.txt, or skip empty classes";

    /// <summary>
    /// Stops a run with too many unusable images: so many are a mistake, not an accident.
    /// </summary>
    /// <param name="limit">Largest share of unusable images, 0 to 1.</param>
    /// <exception cref="GraftException">More images are unusable. The message names the first.</exception>
    internal void RequireFewRejected(double limit = RejectedLimit)
    {
        int count = Images.Length + Rejected.Length;
        if (Rejected.Length > limit * count)
        {
            RejectedImage first = Rejected[0];
            throw Problem(
                $"{Rejected.Length} of {count} images are unusable, and {limit:0.##%} are the limit; "
                    + $"the first is '{Printable.Text(first.Path)}': {first.Reason}, or raise the limit"
            );
        }
    }

    private static void RequireUniqueNames(LabelledImage[] images)
    {
        for (int i = 1; i < images.Length; i++)
        {
            if (images[i].Name == images[i - 1].Name)
            {
                throw new ArgumentException(
                    $"'{Printable.Text(images[i].Name)}' names two images; give each image a name of its own",
                    nameof(images)
                );
            }
        }
    }

    // Nobody sees a space at the end of a name, so such classes are never meant.
    private void RequireDifferentNames()
    {
        foreach ((string first, string second) in ClassNames.Twins(Classes))
        {
            if (ClassNames.DifferInSpaces(first, second))
            {
                throw Problem(
                    $"the classes {ClassNames.Both(first, second)} differ in spaces alone; give them one name"
                );
            }
        }
    }

    private void RequireFilled(IReadOnlyList<EmptyClass> empty)
    {
        EmptyClass[] lost = [.. empty.Where(one => !IsClass(one.Label))];
        if (lost.Length == 0 || options.Data.SkipEmptyClasses)
        {
            return;
        }

        string reasons = string.Join(
            "; ",
            lost.Take(EmptyShown).Select(one => $"{one.Name} gives no image: {one.Reason}")
        );
        throw new GraftException(
            $"'{Printable.Text(Source)}' cannot be used: {reasons}"
                + (lost.Length > EmptyShown ? $"; so do {lost.Length - EmptyShown:N0} more" : "")
                + (lost.All(one => one.HasWayOut) ? ", or skip empty classes" : WayOut)
        )
        {
            Option = $"{nameof(TrainingOptions.Data)}.{nameof(DataOptions.SkipEmptyClasses)}",
        };
    }

    private void RequireEnough()
    {
        if (Images.IsEmpty)
        {
            string reason = Rejected.IsEmpty
                ? "there are no images in it; put each class's images into a folder of its name"
                : $"none of its {Rejected.Length} images is usable; "
                    + $"the first is '{Printable.Text(Rejected[0].Path)}': {Rejected[0].Reason}";
            throw Problem(reason);
        }

        if (Task == ClassificationTask.MultiLabel)
        {
            RequireDifferentLabels();
            return; // a warning names rare classes
        }

        if (Classes.Length < options.LeastClasses)
        {
            throw Problem(
                $"it has only one class, '{Printable.Text(Classes[0])}', and a classifier needs at least "
                    + $"{options.LeastClasses}; add images of another class"
            );
        }

        ILookup<string, LabelledImage> byClass = Images.ToLookup(image => image.Label);
        string? small = Classes.FirstOrDefault(name => byClass[name].Count() < options.LeastImages);
        if (small is not null)
        {
            int count = byClass[small].Count();
            throw Problem(
                Misspelling(small)
                    ?? $"the class '{Printable.Text(small)}' has {count} usable {(count == 1 ? "image" : "images")}, "
                        + $"and {options.LeastImages} are the least; add images or remove the class"
            );
        }
    }

    private void RequireDifferentLabels()
    {
        if (Classes.IsEmpty)
        {
            throw Problem("none of its images has a label; label some");
        }

        if (options.LeastClasses > 1 && Images.All(image => image.Labels.Count == Classes.Length))
        {
            throw Problem(
                $"all its images have the same labels, '{Printable.Text(Images[0].Label)}'; add images without them"
            );
        }
    }

    /// <summary>
    /// Why a class that has too few images is probably another one; null where no other is spelt alike.
    /// </summary>
    internal string? Misspelling(string name)
    {
        if (ClassNames.TwinOf(name, Classes) is not string twin)
        {
            return null;
        }

        LabelledImage one = Images.First(image => image.Label == name);
        LabelledImage other = Images.First(image => image.Label == twin);
        return $"the classes {ClassNames.Both(name, twin)} are spelt alike ('{Printable.Text(one.Name)}' and "
            + $"'{Printable.Text(other.Name)}'), and '{Printable.Text(name)}' has too few images of its own; "
            + "give them one name, or add images";
    }

    private GraftException Problem(string reason) => new($"'{Printable.Text(Source)}' cannot be used: {reason}");
}
