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
    /// The images, with one label where labels differ only in their Unicode form (a composed or a decomposed accent),
    /// and a note on each such label.
    /// </summary>
    public static (ImmutableArray<LabelledImage> Images, string[] Notes) Unify(LabelledImage[] images)
    {
        IGrouping<string, string>[] twins =
        [
            .. images
                .Select(image => image.Label)
                .Distinct()
                .GroupBy(UnicodeForm.Compose)
                .Where(names => names.Count() > 1),
        ];
        Dictionary<string, string> names = twins
            .SelectMany(twin => twin.Select(name => (name, twin.Key)))
            .ToDictionary(one => one.name, one => one.Key);
        return (
            names.Count == 0
                ? [.. images]
                : [.. images.Select(image => image with { Label = names.GetValueOrDefault(image.Label, image.Label) })],
            [
                .. twins.Select(twin =>
                    $"the class '{Printable.Text(twin.Key)}' is written in {twin.Count()} Unicode forms: "
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
