using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>Finds names of classes that are spelt alike.</summary>
internal static partial class ClassNames
{
    /// <summary>Pairs of classes whose names differ in case, spaces or signs alone.</summary>
    public static IReadOnlyList<(string First, string Second)> Twins(IEnumerable<string> classes) =>
        [
            .. classes
                .GroupBy(KeyOf)
                .Select(names => names.Order(StringComparer.Ordinal).ToArray())
                .Where(names => names.Length > 1)
                .Select(names => (names[0], names[1])),
        ];

    /// <summary>A class whose name is spelt like another; null where none is.</summary>
    public static string? TwinOf(string name, IEnumerable<string> classes) =>
        classes.FirstOrDefault(other => other != name && KeyOf(other) == KeyOf(name));

    /// <summary>True if two names differ only in spaces, which nobody sees.</summary>
    public static bool DifferInSpaces(string first, string second) =>
        Spaces().Replace(first, "") == Spaces().Replace(second, "");

    /// <summary>
    /// The images with composed labels, and a note on each label that is written in several forms. macOS and Linux
    /// write the same accents in different ones.
    /// </summary>
    /// <param name="areObjects">True where a program names the classes: it gets its own spelling back.</param>
    public static (ImmutableArray<LabelledImage> Images, string[] Notes) Unify(LabelledImage[] images, bool areObjects)
    {
        IGrouping<string, string>[] names =
        [
            .. images.SelectMany(image => image.Labels).Distinct().GroupBy(UnicodeForm.Compose),
        ];
        Dictionary<string, string> composed = names
            .SelectMany(same => same.Select(name => (name, areObjects && same.Count() == 1 ? name : same.Key)))
            .ToDictionary(one => one.name, one => one.Item2);
        return (
            [.. images.Select(image => image with { Labels = [.. image.Labels.Select(label => composed[label])] })],
            [
                .. names
                    .Where(same => same.Count() > 1)
                    .Select(same =>
                        $"the class '{Printable.Text(same.Key)}' is written in {same.Count()} Unicode forms: "
                        + "they are one class"
                    ),
            ]
        );
    }

    /// <summary>Two classes for a message: "'Bolt' and 'bolt'".</summary>
    public static string Both(string first, string second) =>
        $"'{Printable.Text(first)}' and '{Printable.Text(second)}'";

    private static string KeyOf(string name) =>
        Separators().Replace(UnicodeForm.Compose(name), " ").Trim().ToUpperInvariant();

    [GeneratedRegex(@"[\s\p{Z}\p{Cf}]+", RegexOptions.CultureInvariant)]
    private static partial Regex Spaces();

    [GeneratedRegex(@"[\s\p{Z}\p{Cf}_-]+", RegexOptions.CultureInvariant)]
    private static partial Regex Separators();
}
