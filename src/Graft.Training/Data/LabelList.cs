using System.Collections;
using Graft.Prediction;

namespace Graft.Training.Data;

/// <summary>The labels of an image: distinct, in ordinal order, compared by content.</summary>
internal sealed class LabelList : IReadOnlyList<string>, IEquatable<LabelList>
{
    /// <summary>Stands between labels in texts. A label of an image with several must not contain it.</summary>
    public const char Separator = ';';

    private readonly string[] _labels;

    private LabelList(string[] labels) => _labels = labels;

    public int Count => _labels.Length;

    public string this[int index] => _labels[index];

    /// <summary>The one label.</summary>
    public static LabelList Of(string label) => new([label]);

    /// <summary>Labels in any order, repeated or not; none at all.</summary>
    public static LabelList Of(IEnumerable<string> labels) =>
        new([.. labels.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);

    /// <summary>The labels of a text that <see cref="ToString"/> wrote.</summary>
    public static LabelList Parse(string text, ClassificationTask task) =>
        task == ClassificationTask.SingleLabel ? Of(text)
        : text.Length == 0 ? Of([])
        : Of(text.Split(Separator));

    /// <summary>The labels with ";" between them; "" where there is none.</summary>
    public override string ToString() => _labels.Length == 1 ? _labels[0] : string.Join(Separator, _labels);

    public bool Equals(LabelList? other) =>
        other is not null && _labels.AsSpan().SequenceEqual(other._labels, StringComparer.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as LabelList);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(ToString());

    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)_labels).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _labels.GetEnumerator();
}
