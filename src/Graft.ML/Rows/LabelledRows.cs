using System.Globalization;
using Graft.ML.Columns;
using Graft.Prediction;
using Graft.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Graft.ML.Rows;

/// <summary>Makes labelled images of rows.</summary>
internal sealed class LabelledRows(
    GraftOptions options,
    ClassificationTask task,
    LabelKeys keys,
    string folder,
    ChannelProgress progress
)
{
    private readonly List<LabelledImage> _images = [];
    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);

    public IReadOnlyList<LabelledImage> Images => _images;

    /// <summary>Reads all rows once. Images that the rows hold themselves are written to the folder.</summary>
    /// <param name="rows">Rows with label and image.</param>
    /// <param name="part">What they are for; null: the training draws it.</param>
    /// <param name="cancel">Stops the reading.</param>
    public void Read(IDataView rows, ImagePart? part, CancellationToken cancel)
    {
        DataViewSchema.Column label = LabelKeys.Find(rows.Schema, options.LabelColumnName, task);
        DataViewSchema.Column image = ImageColumn.Find(rows.Schema, options.FeatureColumnName);
        DataViewSchema.Column? group = GroupOf(rows.Schema);
        RequireSameKeys(rows.Schema);
        IEnumerable<DataViewSchema.Column> active = group is { } one ? [label, image, one] : [label, image];
        using DataViewRowCursor cursor = rows.GetRowCursor(active);
        Func<IReadOnlyList<string>> labels = Labels(cursor, label);
        Func<RowImage> images = ImageColumn.Reader(cursor, image, options.ImageFolder);
        Func<string?> groups = Groups(cursor, group);
        int unlabelled = 0;
        while (cursor.MoveNext())
        {
            cancel.ThrowIfCancellationRequested();
            IReadOnlyList<string> names = labels();
            if (names.Count == 0 && task == ClassificationTask.SingleLabel)
            {
                unlabelled++;
                continue;
            }

            _images.Add(Labelled(images(), names) with { Part = part, Group = groups() });
        }

        if (unlabelled > 0)
        {
            progress.Warn($"{unlabelled:N0} rows have no label and are left out");
        }
    }

    private LabelledImage Labelled(RowImage image, IReadOnlyList<string> labels)
    {
        string path = image.Path ?? Write(image.Bytes!);
        string name = Unique(image.Name);
        ValueTask<Stream> Open(CancellationToken _) => new(File.OpenRead(path));
        return task == ClassificationTask.SingleLabel ? new(labels[0], name, Open) : new(labels, name, Open);
    }

    private string Write(byte[] bytes)
    {
        string path = Path.Combine(folder, _images.Count.ToString(CultureInfo.InvariantCulture));
        File.WriteAllBytes(path, bytes);
        return path;
    }

    // A row may come twice: repeated rows are copies of one image.
    private string Unique(string name)
    {
        int count = _names[name] = _names.GetValueOrDefault(name) + 1;
        return count == 1 ? name : $"{name} ({count})";
    }

    private DataViewSchema.Column? GroupOf(DataViewSchema schema)
    {
        if (options.GroupColumnName is not string name)
        {
            return null;
        }

        return schema.GetColumnOrNull(name) is { Type: TextDataViewType } column
            ? column
            : throw new ArgumentException($"the column '{name}' cannot be the group: it is missing or no text");
    }

    private static Func<string?> Groups(DataViewRow row, DataViewSchema.Column? column)
    {
        if (column is not { } group)
        {
            return () => null;
        }

        ValueGetter<ReadOnlyMemory<char>> getter = row.GetGetter<ReadOnlyMemory<char>>(group);
        ReadOnlyMemory<char> value = default;
        return () =>
        {
            getter(ref value);
            return value.IsEmpty ? null : value.ToString();
        };
    }

    // Keys count from 1; 0 is a missing value.
    private Func<IReadOnlyList<string>> Labels(DataViewRow row, DataViewSchema.Column column)
    {
        if (task == ClassificationTask.SingleLabel)
        {
            ValueGetter<uint> getter = row.GetGetter<uint>(column);
            uint key = 0;
            return () =>
            {
                getter(ref key);
                return key == 0 ? [] : [keys.Names[(int)key - 1]];
            };
        }

        ValueGetter<VBuffer<uint>> several = row.GetGetter<VBuffer<uint>>(column);
        VBuffer<uint> values = default;
        return () =>
        {
            several(ref values);
            return [.. values.DenseValues().Where(key => key != 0).Distinct().Select(key => keys.Names[(int)key - 1])];
        };
    }

    private void RequireSameKeys(DataViewSchema schema)
    {
        LabelKeys others = LabelKeys.Of(schema, options.LabelColumnName, task);
        if (!others.Names.SequenceEqual(keys.Names))
        {
            throw new ArgumentException(
                $"the key values of '{options.LabelColumnName}' differ between the training and the validation rows; "
                    + "make the keys of both with one fitted MapValueToKey"
            );
        }
    }
}
