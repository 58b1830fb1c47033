using System.Collections.Immutable;
using Graft.Infrastructure;
using Graft.Prediction;
using Graft.Training.Data;

namespace Graft.Training;

/// <summary>
/// The images of a set, divided into train, validation and test. <see cref="ImageSet.Split"/> makes one. Immutable.
/// </summary>
public sealed record ImageSplit
{
    private ImageSplit(ImageSet set, ImmutableArray<LabelledImage> images, ImmutableArray<string> warnings)
    {
        Set = set;
        Images = images;
        Warnings = warnings;
        Train = Of(ImagePart.Train);
        Validation = Of(ImagePart.Validation);
        Test = Of(ImagePart.Test);
    }

    /// <summary>All images, each with its part, in the set's order.</summary>
    public ImmutableArray<LabelledImage> Images { get; }

    /// <summary>Names of the classes, in the set's order.</summary>
    public ImmutableArray<string> Classes => Set.Classes;

    /// <summary>Images that the network learns from.</summary>
    public ImmutableArray<LabelledImage> Train { get; }

    /// <summary>Images that choices are made on.</summary>
    public ImmutableArray<LabelledImage> Validation { get; }

    /// <summary>Images of the final evaluation.</summary>
    public ImmutableArray<LabelledImage> Test { get; }

    /// <summary>
    /// Warnings for the user, such as a class that is missing in a part: one line each, safe to print.
    /// </summary>
    public ImmutableArray<string> Warnings { get; }

    /// <summary>The set that was divided.</summary>
    internal ImageSet Set { get; }

    /// <summary>The inspection that found the near duplicates; null where the images were not inspected.</summary>
    internal Inspection? Inspection { get; init; }

    /// <summary>Divides <paramref name="set"/>. Images of one cluster stay together.</summary>
    /// <exception cref="GraftException">A class has too few different images to be divided, or none to train
    /// on.</exception>
    internal static ImageSplit Create(ImageSet set, SplitOptions? options = null)
    {
        options ??= new();
        options.Validate();
        ulong seed = (ulong)options.Seed;
        HashSet<ImagePart> given = [.. set.Images.Select(image => image.Part).OfType<ImagePart>()];
        List<CopyGroup> pool =
        [
            .. CopyGroup.Of(set.Images.Where(image => image.Part is null or ImagePart.Train), seed),
        ];
        if (pool.Count == 0)
        {
            throw new GraftException(
                $"'{Printable.Text(set.Source)}' cannot be split: all its images are for "
                    + $"{string.Join(" and ", given.Order().Select(PartName.Of))}, and none are to train on; "
                    + "add a folder or rows called train"
            );
        }

        List<string> warnings = [];
        pool =
            set.Task == ClassificationTask.MultiLabel
                ? LabelSplit.Divide(set, pool, Drawn(given), options, warnings)
                : ClassSplit.Divide(set, pool, Drawn(given), options, warnings);
        Dictionary<string, ImagePart> drawn = pool.SelectMany(group =>
                group.Images.Select(image => (image.Name, group.Part))
            )
            .ToDictionary(StringComparer.Ordinal);
        ImmutableArray<LabelledImage> images =
        [
            .. set.Images.Select(image =>
                drawn.TryGetValue(image.Name, out ImagePart part) ? image with { Part = part } : image
            ),
        ];
        return new ImageSplit(set, images, [.. warnings, .. Observe(images, set.Classes)]);
    }

    /// <summary>A split with parts as given, as read from split.csv.</summary>
    internal static ImageSplit FromParts(ImageSet set, IReadOnlyDictionary<string, ImagePart> parts)
    {
        ImmutableArray<LabelledImage> images = [.. set.Images.Select(image => image with { Part = parts[image.Name] })];
        return new ImageSplit(set, images, Observe(images, set.Classes));
    }

    /// <summary>The same split without images that turned out to be unusable.</summary>
    internal ImageSplit Without(IReadOnlyCollection<RejectedImage> unusable)
    {
        HashSet<string> paths = [.. unusable.Select(image => image.Path)];
        ImmutableArray<LabelledImage> left = [.. Images.Where(image => !paths.Contains(image.Name))];
        return new ImageSplit(Set, left, Observe(left, Classes));
    }

    /// <summary>The same split with some of its images alone.</summary>
    internal ImageSplit Only(IReadOnlySet<string> names) =>
        new(Set, [.. Images.Where(image => names.Contains(image.Name))], []);

    /// <summary>The same parts for the images that an inspection found usable, with its clusters.</summary>
    internal ImageSplit InspectedBy(Inspection inspection)
    {
        if (ReferenceEquals(inspection, Inspection))
        {
            return this;
        }

        Dictionary<string, ImagePart> parts = Images.ToDictionary(image => image.Name, image => image.Part!.Value);
        return FromParts(inspection.Set, parts) with { Inspection = inspection };
    }

    private static ImagePart[] Drawn(HashSet<ImagePart> given) =>
        [.. new[] { ImagePart.Test, ImagePart.Validation }.Where(part => !given.Contains(part))];

    private static ImmutableArray<string> Observe(ImmutableArray<LabelledImage> images, ImmutableArray<string> classes)
    {
        List<string> warnings = [];
        foreach (IGrouping<string, LabelledImage> copies in images.GroupBy(image => image.ContentHash))
        {
            LabelledImage first = copies.First();
            LabelledImage? other = copies.FirstOrDefault(copy => copy.Part != first.Part);
            if (other is not null)
            {
                warnings.Add(
                    $"'{Printable.Text(first.Name)}' ({PartName.Of(first.Part!.Value)}) and "
                        + $"'{Printable.Text(other.Name)}' ({PartName.Of(other.Part!.Value)}) are byte-identical: "
                        + "a training image leaks into another part; kept as the data say"
                );
            }
        }

        warnings.AddRange(
            from image in images
            where image.Group is not null
            group image.Part by image.Group into members
            where members.Distinct().Count() > 1
            select $"the group '{Printable.Text(members.Key)}' has images in several parts: "
                + "training images leak into another part; kept as the data say"
        );
        ILookup<string, ImagePart> parts = images
            .SelectMany(image => image.Labels.Select(label => (label, image.Part!.Value)))
            .ToLookup(one => one.label, one => one.Value);
        warnings.AddRange(
            from name in classes
            from part in Enum.GetValues<ImagePart>()
            where !parts[name].Contains(part)
            select $"the class '{Printable.Text(name)}' has no image in the {PartName.Of(part)} part"
        );
        return [.. warnings];
    }

    private ImmutableArray<LabelledImage> Of(ImagePart part) => [.. Images.Where(image => image.Part == part)];
}
