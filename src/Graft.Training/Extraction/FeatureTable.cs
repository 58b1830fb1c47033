using Graft.Training.Extraction;

namespace Graft.Training;

/// <summary>Features of images with their classes: one row for each image. Immutable.</summary>
public sealed class FeatureTable
{
    private readonly float[] _values;
    private readonly int[] _labels;

    /// <summary>A table of given features.</summary>
    /// <param name="values">The features, [N,F], row by row. Must be finite. Not copied.</param>
    /// <param name="labels">Class number of each row, [N]: 0 to the number of classes - 1. Not copied.</param>
    /// <param name="classes">Names of the classes.</param>
    /// <param name="names">Name of each row's image, [N].</param>
    /// <exception cref="ArgumentException">The lengths do not fit, or a label names no class.</exception>
    public FeatureTable(float[] values, int[] labels, IReadOnlyList<string> classes, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(names);
        if (labels.Length == 0 || values.Length == 0 || values.Length % labels.Length != 0)
        {
            throw new ArgumentException(
                $"{values.Length} values cannot be divided into {labels.Length} rows",
                nameof(values)
            );
        }

        if (names.Count != labels.Length)
        {
            throw new ArgumentException($"{names.Count} names do not fit {labels.Length} rows", nameof(names));
        }

        if (labels.Any(label => label < 0 || label >= classes.Count))
        {
            throw new ArgumentException($"a label lies outside 0 to {classes.Count - 1}", nameof(labels));
        }

        (_values, _labels, Classes, Names) = (values, labels, classes, names);
    }

    /// <summary>Number of rows, N.</summary>
    public int Count => _labels.Length;

    /// <summary>Number of features of a row, F.</summary>
    public int FeatureCount => _values.Length / _labels.Length;

    /// <summary>All features, [N,F], row by row.</summary>
    public ReadOnlyMemory<float> Values => _values;

    /// <summary>Class number of each row, [N]: an index into <see cref="Classes"/>.</summary>
    public IReadOnlyList<int> Labels => _labels;

    /// <summary>Names of the classes.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>Name of each row's image, [N].</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Images that could not be decoded and have no row.</summary>
    public IReadOnlyList<RejectedImage> Rejected { get; internal init; } = [];

    /// <summary>Rows with the same text must not be separated by a cross-validation; null: each stands alone.</summary>
    internal IReadOnlyList<string>? Clusters { get; init; }

    /// <summary>Numbers of columns, one after the other, that a probe standardises together; null: all.</summary>
    internal IReadOnlyList<int>? Groups { get; init; }

    /// <summary>The features of one row, [F].</summary>
    /// <param name="index">Number of the row, 0 to <see cref="Count"/> - 1.</param>
    public ReadOnlySpan<float> Row(int index) => _values.AsSpan(checked(index * FeatureCount), FeatureCount);

    /// <summary>Reads a table that <see cref="SaveSafetensors"/> or <see cref="SaveParquet"/> wrote.</summary>
    /// <param name="path">Path of the file. Its content says which of both it is.</param>
    /// <returns>The same table. A probe fitted to it is the same to the bit.</returns>
    /// <exception cref="GraftException">The file is damaged, or holds no table of features.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static FeatureTable Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Span<byte> start = stackalloc byte[4];
        int length;
        using (FileStream file = File.OpenRead(path))
        {
            length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        }

        return start[..length].SequenceEqual("PAR1"u8) ? FeatureParquet.Read(path) : FeatureSafetensors.Read(path);
    }

    /// <summary>
    /// Writes the table as a safetensors file: the tensors "features" [N,F] float32 and "labels" [N] int64, and the
    /// metadata "classes" and "names" as JSON arrays.
    /// </summary>
    /// <param name="path">Path of the file, which is replaced as a whole.</param>
    public void SaveSafetensors(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FeatureSafetensors.Write(path, this);
    }

    /// <summary>
    /// Writes the table as a Parquet file with a row an image: the columns "name" and "label" as texts, and "features",
    /// a list of F float32 values. The file's metadata has "classes" as a JSON array.
    /// </summary>
    /// <param name="path">Path of the file, which is replaced as a whole.</param>
    public void SaveParquet(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FeatureParquet.Write(path, this);
    }
}
