using Graft.Infrastructure;

namespace Graft.Studio;

/// <summary>Carries out a change of labels.</summary>
internal static class LabelChanges
{
    /// <summary>Changes labels, or takes a change back.</summary>
    /// <exception cref="GraftException">The change names an unknown image, or an empty class.</exception>
    public static void Apply(LabelJournal journal, LabelEdit edit, bool isMultiLabel)
    {
        switch (edit.Action)
        {
            case "label":
                string label = Named(edit.Label);
                journal.Apply(edit.Images, (_, labels) => isMultiLabel ? Toggled(labels ?? [], label) : [label]);
                break;
            case "accept":
                Dictionary<int, string[]> given = Given(edit);
                journal.Apply(given.Keys, (image, _) => Ordered(given[image]));
                break;
            case "leaveOut":
                journal.Apply(edit.Images, (_, _) => null);
                break;
            case "rename":
                (string from, string to) = (Named(edit.From), Named(edit.Label));
                journal.Apply(Enumerable.Range(0, journal.Labels.Count), (_, labels) =>
                    labels?.Contains(from) == true ? Ordered([.. labels.Where(one => one != from), to]) : labels
                );
                break;
            case "undo":
                journal.Undo();
                break;
            case "redo":
                journal.Redo();
                break;
            default:
                throw new GraftException($"'{Printable.Text(edit.Action)}' is no change of labels");
        }
    }

    /// <summary>Distinct labels in ordinal order.</summary>
    public static IReadOnlyList<string> Ordered(IEnumerable<string> labels) =>
        [.. labels.Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The name of a class, trimmed.</summary>
    /// <exception cref="GraftException">It is empty.</exception>
    public static string Named(string? label) =>
        label?.Trim() is { Length: > 0 } name
            ? name
            : throw new GraftException("a class without a name cannot be given; write one");

    private static Dictionary<int, string[]> Given(LabelEdit edit) =>
        edit.Images.Count == edit.Labels.Count
            ? edit.Images.Zip(edit.Labels)
                .GroupBy(pair => pair.First)
                .ToDictionary(pairs => pairs.Key, pairs => pairs.Last().Second.Select(Named).ToArray())
            : throw new GraftException("the change cannot be used: it needs the labels of each image");

    private static IReadOnlyList<string> Toggled(IReadOnlyList<string> labels, string label) =>
        labels.Contains(label) ? [.. labels.Where(one => one != label)] : Ordered([.. labels, label]);
}
