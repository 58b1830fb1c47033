using System.Runtime.InteropServices;

namespace Graft.Training.Weights;

/// <summary>Translates the tensor names of one publisher to those of Graft's network builders.</summary>
/// <param name="Source">The publisher, for messages.</param>
/// <param name="Rename">Gives the builder's name for a file's name; null where it is unknown.</param>
internal sealed record WeightNameMap(string Source, Func<string, string?> Rename)
{
    /// <summary>
    /// The publisher's batch-norm epsilon less the builder's. It is added to each running_var, which gives the same
    /// function.
    /// </summary>
    public double EpsilonShift { get; init; }

    /// <summary>
    /// Gives the running_mean into which a convolution's bias is folded (mean - bias), where the builder's convolution
    /// has no bias; null for other names.
    /// </summary>
    public Func<string, string?> MeanOfBias { get; init; } = _ => null;

    /// <summary>
    /// A builder's name that identifies this network, for files that state positions in place of names; null where no
    /// such files exist.
    /// </summary>
    public string? Marker { get; init; }

    /// <summary>Name of the dense kernel behind a flattened 7x7 feature map; null where there is none.</summary>
    public string? FlattenedKernel { get; init; }
}

/// <summary>
/// Renames the tensors of a file to the names of Graft's network builders. These are torchvision's names, or timm's for
/// EfficientNet-Lite. MobileNetV1 is in neither: its names are conv_stem, bn1, then conv_dw, bn1, conv_pw and bn2 in
/// blocks.0 to blocks.12, then classifier (batch-norm epsilon 0.001).
/// </summary>
internal static class WeightNames
{
    private static readonly WeightNameMap Unchanged = new("the file's own names", name => name);

    private static readonly WeightNameMap[] Maps = [Unchanged, .. TorchNames.Maps, .. KerasNames.Maps];

    /// <summary>
    /// Renames the tensors by the publisher's table that gives most of the <paramref name="expected"/> names. Unknown
    /// names stay. <see cref="WeightMatch"/> checks the result.
    /// </summary>
    /// <param name="file">The file as read.</param>
    /// <param name="expected">Names and shapes of the network's parameters and buffers.</param>
    public static WeightFile Rename(WeightFile file, IReadOnlyDictionary<string, IReadOnlyList<long>> expected)
    {
        if (KerasPositions.Of(file, expected) is { } byPosition && Family(expected) is WeightNameMap family)
        {
            return Apply(file, family with { Rename = byPosition }, expected);
        }

        if (file.Tensors.Keys.All(expected.ContainsKey))
        {
            // No table can give more names. Skipping the tables also saves compiling about 365 methods of regular
            // expressions at every start.
            return file;
        }

        WeightNameMap best = Maps.MaxBy(map =>
            file.Tensors.Keys.Count(name => map.Rename(name) is { } renamed && expected.ContainsKey(renamed))
        )!;
        return ReferenceEquals(best, Unchanged) ? file : Apply(file, best, expected);
    }

    // VGG19 contains VGG16's names, so the last match counts.
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
                    $"has the same place in the network as another tensor ('{target}', by {map.Source})"
                );
            }
        }

        FoldBiases(renamed, map, expected);
        ShiftVariances(renamed, map.EpsilonShift);
        if (map.FlattenedKernel is { } kernel && renamed.TryGetValue(kernel, out WeightTensor? dense))
        {
            renamed[kernel] = KerasKernels.WithRowsChannelsFirst(dense, 7, 7);
        }

        return file with
        {
            Tensors = renamed,
        };
    }

    private static void ShiftVariances(OrderedDictionary<string, WeightTensor> tensors, double shift)
    {
        if (shift == 0)
        {
            return;
        }

        string[] names = [.. tensors.Keys.Where(name => name.EndsWith(".running_var", StringComparison.Ordinal))];
        foreach (string name in names)
        {
            tensors[name] = Changed(tensors[name], (_, value) => (float)(value + shift));
        }
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
