using Graft.Infrastructure;
using Graft.Training.Data;

namespace Graft.Training.Doctor;

/// <summary>Finds problems of whole classes and of names.</summary>
internal static class ClassFindings
{
    private const int FewImages = 20; // below it, one image more or less changes the result
    private const double Imbalance = 10; // images of the largest class for each image of the smallest
    private const double MostlyGrey = 0.8; // share of one class
    private const double HardlyGrey = 0.2; // share of all other classes together

    public static IEnumerable<Finding> Of(Inspection inspection) =>
        [.. Sizes(inspection.Set), .. GreyClasses(inspection), .. CaseClashes(inspection.Set)];

    private static IEnumerable<Finding> Sizes(ImageSet set)
    {
        (string Name, int Count)[] classes =
        [
            .. set
                .Images.SelectMany(image => image.Labels)
                .CountBy(label => label)
                .Select(one => (one.Key, one.Value))
                .OrderBy(one => one.Value),
        ];
        foreach ((string name, int count) in classes.Where(one => one.Count < FewImages))
        {
            yield return new(
                FindingKind.FewImages,
                Severity.Warning,
                name,
                $"the class has only {count} images; add more: results are more reliable with {FewImages} or more"
            );
        }

        if (classes.Length > 0 && classes[^1].Count >= Imbalance * classes[0].Count)
        {
            yield return new(
                FindingKind.Imbalance,
                Severity.Warning,
                classes[0].Name,
                $"{classes[0].Count} images, while the class '{Printable.Text(classes[^1].Name)}' has "
                    + $"{classes[^1].Count}; look at the recall of each class, not only at the accuracy"
            );
        }
    }

    // A network recognises such a class by its missing colour and fails on its first colour image.
    private static IEnumerable<Finding> GreyClasses(Inspection inspection)
    {
        (IReadOnlyList<string> Labels, bool IsGrey)[] all =
        [
            .. inspection.Set.Images.Zip(inspection.Traits, (image, traits) => (image.Labels, traits.IsGrey)),
        ];
        IEnumerable<(string Label, bool IsGrey)> byLabel = all.SelectMany(one =>
            one.Labels.Select(label => (label, one.IsGrey))
        );
        foreach (IGrouping<string, bool> own in byLabel.GroupBy(one => one.Label, one => one.IsGrey))
        {
            bool[] others = [.. all.Where(one => !one.Labels.Contains(own.Key)).Select(one => one.IsGrey)];
            if (
                others.Length > 0
                && own.Count(grey => grey) >= MostlyGrey * own.Count()
                && others.Count(grey => grey) <= HardlyGrey * others.Length
            )
            {
                yield return new(
                    FindingKind.GreyClass,
                    Severity.Warning,
                    own.Key,
                    "nearly all its images are grey and nearly all others are in colour: a model can learn only that "
                        + "difference; add colour images"
                );
            }
        }
    }

    // Two files on this system are one file on Windows and macOS.
    private static IEnumerable<Finding> CaseClashes(ImageSet set) =>
        set
            .Images.Select(image => image.Name)
            .GroupBy(path => path, StringComparer.OrdinalIgnoreCase)
            .Where(same => same.Count() > 1)
            .SelectMany(same =>
                same.Skip(1).Select(path => Clash(path, same.First(), "on Windows and macOS they are one file"))
            )
            .Concat(
                set.Classes.GroupBy(name => name, StringComparer.OrdinalIgnoreCase)
                    .Where(same => same.Count() > 1)
                    .SelectMany(same =>
                        same.Skip(1)
                            .Select(name => Clash(name, same.First(), "two classes here, one on Windows and macOS"))
                    )
            );

    private static Finding Clash(string path, string other, string what) =>
        new(
            FindingKind.CaseClash,
            Severity.Warning,
            path,
            $"its name differs from '{Printable.Text(other)}' only in capital letters: {what}; rename one"
        )
        {
            Other = other,
        };
}
