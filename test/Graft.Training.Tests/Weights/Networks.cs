using System.Text.Json;
using Graft.Training.Weights;

namespace Graft.Training.Tests.Weights;

/// <summary>
/// Names and shapes of golden/architectures, and tensors filled with distinct numbers.
/// </summary>
internal static class Networks
{
    public static IReadOnlyDictionary<string, IReadOnlyList<long>> Expected(string architecture)
    {
        using JsonDocument json = JsonDocument.Parse(
            File.ReadAllBytes(SharedData.Find($"golden/architectures/{architecture}.json"))
        );
        return json
            .RootElement.GetProperty("tensors")
            .EnumerateArray()
            .ToDictionary(
                tensor => tensor[0].GetString()!,
                tensor => (IReadOnlyList<long>)[.. tensor[1].EnumerateArray().Select(dimension => dimension.GetInt64())]
            );
    }

    public static WeightTensor Numbered(string name, params long[] shape)
    {
        float[] values = new float[shape.Aggregate(1L, (product, dimension) => product * dimension)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = i;
        }

        byte[] bytes = new byte[values.Length * 4];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        return new WeightTensor(name, WeightType.Float32, shape, bytes);
    }

    /// <summary>A tensor of zeros, for tests of names and shapes.</summary>
    public static WeightTensor Hollow(string name, params long[] shape) =>
        new(
            name,
            WeightType.Float32,
            shape,
            new byte[4 * shape.Aggregate(1L, (product, dimension) => product * dimension)]
        );

    public static WeightFile FileOf(IEnumerable<WeightTensor> tensors, bool isChannelsLast = false) =>
        new("made.file", tensors.ToDictionary(tensor => tensor.Name), WeightFile.NoMetadata)
        {
            IsChannelsLast = isChannelsLast,
        };
}
