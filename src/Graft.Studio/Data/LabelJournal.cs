namespace Graft.Studio;

/// <summary>
/// The labels of images and every change of them. Null stands for an image that no training uses: it has no label yet,
/// or was left out. Changes live in memory: nothing on disk changes. Not thread-safe.
/// </summary>
/// <param name="labels">The labels of each image, as they were read.</param>
internal sealed class LabelJournal(IEnumerable<IReadOnlyList<string>?> labels)
{
    private readonly List<IReadOnlyList<string>?> _read = [.. labels];
    private readonly List<IReadOnlyList<string>?> _labels = [.. labels];
    private readonly Stack<Change> _done = [];
    private readonly Stack<Change> _undone = [];

    /// <summary>The labels of each image now.</summary>
    public IReadOnlyList<IReadOnlyList<string>?> Labels => _labels;

    /// <summary>Whether there is a change to take back.</summary>
    public bool CanUndo => _done.Count > 0;

    /// <summary>Whether there is a change to repeat.</summary>
    public bool CanRedo => _undone.Count > 0;

    /// <summary>Number of images whose labels differ from those that were read.</summary>
    public int ChangedCount => Enumerable.Range(0, _labels.Count).Count(i => !AreSame(_read[i], _labels[i]));

    /// <summary>Appends an image without labels. This is no change: no training uses the image.</summary>
    /// <returns>Number of the image.</returns>
    public int Append()
    {
        _read.Add(null);
        _labels.Add(null);
        return _labels.Count - 1;
    }

    /// <summary>Gives images other labels, as one change.</summary>
    /// <param name="images">Numbers of the images.</param>
    /// <param name="change">Maps the number of an image and its labels to its new ones.</param>
    /// <exception cref="GraftException">There is no such image.</exception>
    public void Apply(IEnumerable<int> images, Func<int, IReadOnlyList<string>?, IReadOnlyList<string>?> change)
    {
        List<Part> parts = [];
        foreach (int image in images.Distinct())
        {
            if (image < 0 || image >= _labels.Count)
            {
                throw new GraftException($"image {image} cannot be labelled: the set has {_labels.Count} images");
            }

            IReadOnlyList<string>? after = change(image, _labels[image]);
            if (!AreSame(after, _labels[image]))
            {
                parts.Add(new(image, _labels[image], after));
            }
        }

        if (parts.Count > 0)
        {
            _done.Push(new(parts));
            _undone.Clear();
            parts.ForEach(part => _labels[part.Image] = part.After);
        }
    }

    /// <summary>Takes the last change back.</summary>
    public void Undo()
    {
        if (_done.TryPop(out Change? change))
        {
            change.Parts.ForEach(part => _labels[part.Image] = part.Before);
            _undone.Push(change);
        }
    }

    /// <summary>Repeats the change that was taken back last.</summary>
    public void Redo()
    {
        if (_undone.TryPop(out Change? change))
        {
            change.Parts.ForEach(part => _labels[part.Image] = part.After);
            _done.Push(change);
        }
    }

    private static bool AreSame(IReadOnlyList<string>? one, IReadOnlyList<string>? other) =>
        one is null || other is null ? one == other : one.SequenceEqual(other);

    private sealed record Change(List<Part> Parts);

    private sealed record Part(int Image, IReadOnlyList<string>? Before, IReadOnlyList<string>? After);
}
