using System.Runtime.InteropServices;
using System.Text.Json;
using Graft.Training.Weights;

namespace Graft.Training.Extraction;

/// <summary>Tables of features as safetensors files.</summary>
internal static class FeatureSafetensors
{
    private const string Features = "features";
    private const string Labels = "labels";
    private const string Names = "names";
    private const string Clusters = "clusters";

    /// <param name="path">Path of the file, which is replaced as a whole.</param>
    /// <param name="table">The table.</param>
    public static void Write(string path, FeatureTable table)
    {
        long[] labels = [.. table.Labels.Select(label => (long)label)];
        Dictionary<string, string> texts = FeatureMetadata.Of(table);
        texts[Names] = JsonSerializer.Serialize(table.Names);
        if (table.Clusters is not null)
        {
            texts[Clusters] = JsonSerializer.Serialize(table.Clusters);
        }

        SafetensorsFile.Write(
            path,
            [
                new(
                    Features,
                    WeightType.Float32,
                    [table.Count, table.FeatureCount],
                    MemoryMarshal.AsBytes(table.Values.Span).ToArray()
                ),
                new(Labels, WeightType.Int64, [table.Count], MemoryMarshal.AsBytes(labels.AsSpan()).ToArray()),
            ],
            texts
        );
    }

    /// <exception cref="GraftException">The file holds no table of features.</exception>
    public static FeatureTable Read(string path)
    {
        WeightFile file = SafetensorsFile.Read(path);
        WeightTensor features = Tensor(path, file, Features, WeightType.Float32, dimensions: 2);
        WeightTensor labels = Tensor(path, file, Labels, WeightType.Int64, dimensions: 1);
        string[] names = FeatureMetadata.Array<string>(path, file.Metadata, Names);
        string[] classes = FeatureMetadata.Array<string>(path, file.Metadata, FeatureMetadata.Classes);
        string[]? clusters = file.Metadata.ContainsKey(Clusters)
            ? FeatureMetadata.Array<string>(path, file.Metadata, Clusters)
            : null;
        long rows = labels.Shape[0];
        long columns = features.Shape[1];
        if (rows == 0 || columns == 0 || features.Shape[0] != rows || names.Length != rows)
        {
            throw FeatureMetadata.Problem(path, "its features, labels and names have other numbers of rows");
        }

        if (clusters is not null && clusters.Length != rows)
        {
            throw FeatureMetadata.Problem(path, "its clusters have another number of rows");
        }

        long[] numbers = MemoryMarshal.Cast<byte, long>(labels.Bytes.Span).ToArray();
        return numbers.All(number => number >= 0 && number < classes.Length)
            ? new(features.ToSingles(), Array.ConvertAll(numbers, number => (int)number), classes, names)
            {
                Clusters = clusters,
                Groups = FeatureMetadata.GroupsOf(path, file.Metadata, checked((int)columns)),
            }
            : throw FeatureMetadata.Problem(path, "a label is the number of no class");
    }

    private static WeightTensor Tensor(string path, WeightFile file, string name, WeightType type, int dimensions) =>
        file.Tensors.TryGetValue(name, out WeightTensor? tensor)
        && tensor.Type == type
        && tensor.Shape.Count == dimensions
            ? tensor
            : throw FeatureMetadata.Problem(
                path,
                $"it has no tensor '{name}' of {dimensions} dimensions in {type}; write it with SaveSafetensors"
            );
}
