namespace Graft.Training.Pipeline;

/// <summary>The part of each image of a set as one letter, in the set's order.</summary>
internal static class ShardParts
{
    private const char Unusable = '-';

    private static readonly (ImagePart Part, char Letter)[] s_letters =
    [
        (ImagePart.Train, 'r'),
        (ImagePart.Validation, 'v'),
        (ImagePart.Test, 't'),
    ];

    /// <summary>The parts as text.</summary>
    public static string ToText(ImageSet set, ImageSplit split)
    {
        Dictionary<string, ImagePart> parts = split.Images.ToDictionary(
            image => image.Name,
            image => image.Part!.Value
        );
        return string.Concat(
            set.Images.Select(image =>
                parts.TryGetValue(image.Name, out ImagePart part)
                    ? s_letters.First(one => one.Part == part).Letter
                    : Unusable
            )
        );
    }

    /// <summary>Some images with their parts, without those that cannot be used.</summary>
    /// <param name="images">The images.</param>
    /// <param name="letters">A letter for each of them.</param>
    public static IReadOnlyList<LabelledImage> Apply(IReadOnlyList<LabelledImage> images, ReadOnlySpan<char> letters)
    {
        List<LabelledImage> usable = [];
        for (int i = 0; i < images.Count; i++)
        {
            char letter = letters[i];
            if (letter != Unusable)
            {
                usable.Add(images[i] with { Part = s_letters.First(one => one.Letter == letter).Part });
            }
        }

        return usable;
    }
}
