using Graft.Prediction;
using Graft.Training;

namespace Graft.Studio;

/// <summary>The images that are open, with their labels as they were changed. Thread-safe.</summary>
internal sealed class OpenSet : IDisposable
{
    private readonly Lock _gate = new();
    private readonly LabelJournal _journal;
    private readonly List<SetImage> _images;
    private readonly IReadOnlyList<string> _notes;
    private readonly IReadOnlyList<string> _classes;
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private int _revision;

    /// <summary>The images of a set.</summary>
    public OpenSet(ImageSet set)
    {
        (Source, Task, Rejected) = (set.Source, set.Task, set.Rejected);
        _images = [.. set.Images.Select(SetImage.Of)];
        _notes = [.. set.Warnings, .. set.Notes];
        _classes = set.Classes;
        _journal = new(set.Images.Select(image => image.Labels));
        for (int i = 0; i < _images.Count; i++)
        {
            _numbers.TryAdd(set.Images[i].ContentHash, i);
        }
    }

    /// <summary>A set without images, to which unlabelled ones are added.</summary>
    /// <param name="source">The folder that they come from.</param>
    public OpenSet(string source)
    {
        (Source, Task, Rejected) = (source, ClassificationTask.SingleLabel, []);
        (_images, _notes, _classes, _journal) = ([], [], [], new([]));
    }

    /// <summary>The folder, list or archive.</summary>
    public string Source { get; }

    /// <summary>Whether each image has one label or any number.</summary>
    public ClassificationTask Task { get; }

    /// <summary>Files that cannot be used.</summary>
    public IReadOnlyList<RejectedImage> Rejected { get; }

    /// <summary>Names this opening: pictures of an earlier one are not taken for its own.</summary>
    public string Id { get; } = Guid.NewGuid().ToString("N");

    /// <summary>What is computed about the images.</summary>
    public SetInsights Insights { get; } = new();

    /// <summary>Whether an image may have several labels.</summary>
    public bool IsMultiLabel => Task == ClassificationTask.MultiLabel;

    /// <summary>An image by its number; null: there is none.</summary>
    public LabelledImage? Find(int number)
    {
        lock (_gate)
        {
            return number >= 0 && number < _images.Count ? _images[number].Image : null;
        }
    }

    /// <summary>Changes labels, or takes a change back.</summary>
    /// <exception cref="GraftException">The change names an unknown image, or an empty class.</exception>
    public void Edit(LabelEdit edit)
    {
        lock (_gate)
        {
            LabelChanges.Apply(_journal, edit, IsMultiLabel);
            _revision++;
        }
    }

    /// <summary>
    /// Adds a picture with a label. Where the set holds the same bytes already, that image gets the label.
    /// </summary>
    /// <exception cref="GraftException">The label is empty.</exception>
    public AddedPicture Add(StoredPicture picture, string label)
    {
        string name = LabelChanges.Named(label);
        lock (_gate)
        {
            bool isNew = !_numbers.TryGetValue(picture.Hash, out int number);
            if (isNew)
            {
                number = _journal.Append();
                _numbers.Add(picture.Hash, number);
                string file = Path.GetFileName(picture.Path);
                _images.Add(SetImage.Unlabelled($"added/{file[..12]}{Path.GetExtension(file)}", picture.Path));
            }

            _journal.Apply([number], (_, labels) =>
                IsMultiLabel ? LabelChanges.Ordered([.. labels ?? [], name]) : [name]
            );
            _revision++;
            return new(number, isNew);
        }
    }

    /// <summary>Adds images that have no label yet. Those whose names the set has already are passed over.</summary>
    /// <returns>How many were added.</returns>
    public int AddUnlabelled(IEnumerable<SetImage> images)
    {
        lock (_gate)
        {
            HashSet<string> known = new(_images.Select(one => one.Image.Name), StringComparer.Ordinal);
            int before = _images.Count;
            foreach (SetImage image in images.Where(image => known.Add(image.Image.Name)))
            {
                _journal.Append();
                _images.Add(image);
            }

            _revision++;
            return _images.Count - before;
        }
    }

    /// <summary>What the set holds now.</summary>
    public DataSummary Summary()
    {
        lock (_gate)
        {
            return new(
                Id,
                Source,
                IsMultiLabel,
                _revision,
                _images.Count,
                Counts(),
                _notes,
                Rejected,
                _journal.CanUndo,
                _journal.CanRedo,
                _journal.ChangedCount,
                _journal.Labels.Count(labels => labels is null)
            );
        }
    }

    /// <summary>The name and the labels of each image.</summary>
    public DataImages Images()
    {
        lock (_gate)
        {
            return new(Id, _revision, [.. _images.Select(one => one.Image.Name)], [.. _journal.Labels]);
        }
    }

    /// <summary>The images and their labels at this moment.</summary>
    public SetSnapshot Snapshot()
    {
        lock (_gate)
        {
            return new(this, [.. _images], [.. _journal.Labels], _journal.ChangedCount > 0);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Insights.Dispose();

    // Where images may have several labels, a class stays when its last image loses it.
    private IReadOnlyList<ClassCount> Counts()
    {
        SortedDictionary<string, int> counts = new(StringComparer.Ordinal);
        foreach (string name in IsMultiLabel ? _classes : [])
        {
            counts[name] = 0;
        }

        foreach (string label in _journal.Labels.SelectMany(labels => labels ?? []))
        {
            counts[label] = counts.GetValueOrDefault(label) + 1;
        }

        return [.. counts.Select(pair => new ClassCount(pair.Key, pair.Value))];
    }
}
