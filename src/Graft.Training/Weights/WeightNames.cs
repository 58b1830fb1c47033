using System.Runtime.InteropServices;

namespace Graft.Training.Weights;

/// <summary>How one publisher's names become the builders'.</summary>
/// <param name="Source">Whose names, for messages.</param>
/// <param name="Rename">A file's name to the builder's; null where the table does not know it.</param>
internal sealed record WeightNameMap(string Source, Func<string, string?> Rename)
{
    /// <summary>
    /// Added to each running_var, where the builder's batch-norm epsilon is smaller than the publisher's by this much:
    /// the same function.
    /// </summary>
    public double EpsilonShift { get; init; }

    /// <summary>
    /// From a convolution's bias to the running_mean that takes it up (mean - bias), where the builder's convolution
    /// has none.
    /// </summary>
    public Func<string, string?> MeanOfBias { get; init; } = _ => null;

    /// <summary>
    /// A name that only this publisher's network has, where its files may say positions instead of names; null where
    /// they do not.
    /// </summary>
    public string? Marker { get; init; }

    /// <summary>The dense kernel behind a flattened 7x7 feature map; null where there is none.</summary>
    public string? FlattenedKernel { get; init; }
}

/// <summary>
/// Brings a file's tensors under the names of a builder: torchvision's, timm's for the Lite nets, and for MobileNetV1,
/// which neither has,
/// conv_stem, bn1, blocks.0 … blocks.12 with conv_dw, bn1, conv_pw, bn2, then classifier (batch-norm epsilon 0.001).
/// </summary>
internal static class WeightNames
{
    private static readonly WeightNameMap AsTheyAre = new("the file's own names", name => name);

    private static readonly WeightNameMap[] Maps = [AsTheyAre, .. TorchNames.Maps, .. KerasNames.Maps];

    /// <summary>
    /// The file under the names of the table that gives most of the <paramref name="expected"/> ones; names that the
    /// table does not know stay.
    /// Nothing is checked here: <see cref="WeightMatch"/> does.
    /// </summary>
    public static WeightFile Rename(WeightFile file, IReadOnlyDictionary<string, IReadOnlyList<long>> expected)
    {
        if (KerasPositions.Of(file, expected) is { } byPosition && Family(expected) is WeightNameMap family)
        {
            return Apply(file, family with { Rename = byPosition }, expected);
        }

        if (file.Tensors.Keys.All(expected.ContainsKey))
        {
            // no table can give more; making them had .NET compile some 365 methods of regular expressions at every
            // start
            return file;
        }

        WeightNameMap best = Maps.MaxBy(map =>
            file.Tensors.Keys.Count(name => map.Rename(name) is { } renamed && expected.ContainsKey(renamed))
        )!;
        return ReferenceEquals(best, AsTheyAre) ? file : Apply(file, best, expected);
    }

    // VGG19 has VGG16's names and more, so of several the last counts.
    private static WeightNameMap? Family(IReadOnlyDictionary<string, IReadOnlyList<long>> expected) =>
        Maps.LastOrDefault(map => map.Marker is { } marker && expected.ContainsKey(marker));

    private static WeightFile Apply(
        WeightFile file,
        WeightNameMap map,
        IReadOnlyDictionary<string, IReadOnlyList<long>> expected
    )
    {
        OrderedDictionary<string, WeightTensor> renamed = new(file.Tensors.Count);
        foreach ((string name, WeightTensor tensor) in file.Tensors)
        {
            string target = map.Rename(name) ?? name;
            if (!renamed.TryAdd(target, tensor with { Name = target }))
            {
                throw new WeightFileException(
                    file.Path,
                    $"tensor '{name}'",
                    $"has the same place in the network as another ('{target}', by {map.Source})"
                );
            }
        }

        FoldBiases(renamed, map, expected);
        if (map.EpsilonShift != 0)
        {
            foreach (
                string name in renamed
                    .Keys.Where(name => name.EndsWith(".running_var", StringComparison.Ordinal))
                    .ToArray()
            )
            {
                renamed[name] = Changed(renamed[name], (_, value) => (float)(value + map.EpsilonShift));
            }
        }

        if (map.FlattenedKernel is { } kernel && renamed.TryGetValue(kernel, out WeightTensor? dense))
        {
            renamed[kernel] = KerasKernels.WithRowsChannelsFirst(dense, 7, 7);
        }

        return file with
        {
            Tensors = renamed,
        };
    }

    private static void FoldBiases(
        OrderedDictionary<string, WeightTensor> tensors,
        WeightNameMap map,
        IReadOnlyDictionary<string, IReadOnlyList<long>> expected
    )
    {
        foreach (string bias in tensors.Keys.Where(name => !expected.ContainsKey(name)).ToArray())
        {
            bool isFoldable =
                map.MeanOfBias(bias) is { } mean
                && tensors.TryGetValue(mean, out WeightTensor? means)
                && means.Count == tensors[bias].Count;
            if (isFoldable)
            {
                float[] offsets = tensors[bias].ToSingles();
                string target = map.MeanOfBias(bias)!;
                tensors[target] = Changed(tensors[target], (i, value) => value - offsets[i]);
                tensors.Remove(bias);
            }
        }
    }

    private static WeightTensor Changed(WeightTensor tensor, Func<int, float, float> change)
    {
        float[] values = tensor.ToSingles();
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = change(i, values[i]);
        }

        return tensor with
        {
            Type = WeightType.Float32,
            Bytes = MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
        };
    }
}
