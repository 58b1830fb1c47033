using System.Globalization;
using Graft.Prediction;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Graft.ML.Columns;

/// <summary>The keys of a label column with their values. Key 1 has index 0.</summary>
internal abstract class LabelKeys
{
    private static readonly Dictionary<string, Func<string[], LabelKeys>> s_kinds = new LabelKeys[]
    {
        new TextKeys([]),
        new NumberKeys<float>(NumberDataViewType.Single, []),
        new NumberKeys<double>(NumberDataViewType.Double, []),
        new NumberKeys<sbyte>(NumberDataViewType.SByte, []),
        new NumberKeys<byte>(NumberDataViewType.Byte, []),
        new NumberKeys<short>(NumberDataViewType.Int16, []),
        new NumberKeys<ushort>(NumberDataViewType.UInt16, []),
        new NumberKeys<int>(NumberDataViewType.Int32, []),
        new NumberKeys<uint>(NumberDataViewType.UInt32, []),
        new NumberKeys<long>(NumberDataViewType.Int64, []),
        new NumberKeys<ulong>(NumberDataViewType.UInt64, []),
        new NumberKeys<bool>(BooleanDataViewType.Instance, []),
    }.ToDictionary(keys => $"{keys.ValueType}", keys => (Func<string[], LabelKeys>)keys.WithNames);

    protected LabelKeys(PrimitiveDataViewType valueType, string[] names) => (ValueType, Names) = (valueType, names);

    /// <summary>Type of the key values.</summary>
    public PrimitiveDataViewType ValueType { get; }

    /// <summary>The key values as text: the names of the classes.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Type of the key itself.</summary>
    public KeyDataViewType KeyType => new(typeof(uint), (ulong)Names.Count);

    /// <summary>The keys of a label column.</summary>
    /// <exception cref="ArgumentException">The column is missing or no label.</exception>
    public static LabelKeys Of(DataViewSchema schema, string name, ClassificationTask task)
    {
        DataViewSchema.Column column = Find(schema, name, task);
        ulong count = ((KeyDataViewType)Item(column.Type)).Count;
        if (column.Annotations.Schema.GetColumnOrNull(AnnotationUtils.Kinds.KeyValues) is not { } values)
        {
            string[] numbers = [.. Enumerable.Range(1, checked((int)count)).Select(i => i.ToString(Invariant))];
            return new NumberKeys<uint>(NumberDataViewType.UInt32, numbers);
        }

        DataViewType type = ((VectorDataViewType)values.Type).ItemType;
        return s_kinds.TryGetValue($"{type}", out Func<string[], LabelKeys>? make)
            ? make([]).Read(column)
            : throw new ArgumentException(
                $"the column '{name}' cannot be the label: its key values are {type}; map names or numbers to keys"
            );
    }

    /// <summary>Finds the label column of rows.</summary>
    /// <exception cref="ArgumentException">The column is missing or no label.</exception>
    public static DataViewSchema.Column Find(DataViewSchema schema, string name, ClassificationTask task)
    {
        DataViewSchema.Column column = schema.GetColumnOrNull(name)
            ?? throw new ArgumentException($"there is no column '{name}' for the label; name it in the options");
        bool isVector = column.Type is VectorDataViewType;
        return
            Item(column.Type) is KeyDataViewType { RawType: var raw }
            && raw == typeof(uint)
            && isVector == (task == ClassificationTask.MultiLabel)
            ? column
            : throw NoLabel(name, $"{column.Type}", task);
    }

    public static ArgumentException NoLabel(string name, string type, ClassificationTask task) =>
        new(
            $"the column '{name}' cannot be the label: it is {type}, not "
                + (task == ClassificationTask.MultiLabel ? "a vector of keys" : "a key")
                + "; make keys of it with MapValueToKey"
        );

    /// <summary>Adds the key values to the annotations of a column.</summary>
    public abstract void AddTo(DataViewSchema.Annotations.Builder annotations, string kind);

    public void Save(ModelSaveContext context)
    {
        context.SaveString($"{ValueType}");
        context.Writer.Write(Names.Count);
        foreach (string name in Names)
        {
            context.SaveString(name);
        }
    }

    public static LabelKeys Load(ModelLoadContext context)
    {
        string type = context.LoadString();
        string[] names = [.. Enumerable.Range(0, context.Reader.ReadInt32()).Select(_ => context.LoadString())];
        return s_kinds.TryGetValue(type, out Func<string[], LabelKeys>? make)
            ? make(names)
            : throw new GraftException($"the saved model cannot be loaded: its labels are {type}; save it again");
    }

    protected static CultureInfo Invariant => CultureInfo.InvariantCulture;

    protected abstract LabelKeys WithNames(string[] names);

    protected abstract LabelKeys Read(DataViewSchema.Column column);

    protected static T[] Values<T>(DataViewSchema.Column column)
    {
        VBuffer<T> values = default;
        column.Annotations.GetValue(AnnotationUtils.Kinds.KeyValues, ref values);
        return [.. values.DenseValues()];
    }

    protected static void Add<T>(
        DataViewSchema.Annotations.Builder annotations,
        string kind,
        PrimitiveDataViewType type,
        T[] values
    ) =>
        annotations.Add(kind, new VectorDataViewType(type, values.Length), (ref VBuffer<T> value) =>
            value = new(values.Length, values)
        );

    private static DataViewType Item(DataViewType type) => type is VectorDataViewType vector ? vector.ItemType : type;
}

/// <summary>Keys of text.</summary>
internal sealed class TextKeys(string[] names) : LabelKeys(TextDataViewType.Instance, names)
{
    public override void AddTo(DataViewSchema.Annotations.Builder annotations, string kind) =>
        Add(annotations, kind, ValueType, Names.Select(name => name.AsMemory()).ToArray());

    protected override LabelKeys WithNames(string[] names) => new TextKeys(names);

    protected override LabelKeys Read(DataViewSchema.Column column) =>
        new TextKeys([.. Values<ReadOnlyMemory<char>>(column).Select(value => value.ToString())]);
}

/// <summary>Keys of numbers or truth values.</summary>
internal sealed class NumberKeys<T>(PrimitiveDataViewType type, string[] names) : LabelKeys(type, names)
    where T : IParsable<T>, IConvertible
{
    public override void AddTo(DataViewSchema.Annotations.Builder annotations, string kind) =>
        Add(annotations, kind, ValueType, Names.Select(name => T.Parse(name, Invariant)).ToArray());

    protected override LabelKeys WithNames(string[] names) => new NumberKeys<T>(ValueType, names);

    protected override LabelKeys Read(DataViewSchema.Column column) =>
        new NumberKeys<T>(ValueType, [.. Values<T>(column).Select(value => value.ToString(Invariant))]);
}
