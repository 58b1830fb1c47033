using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Graft.Training.Features;

/// <summary>Takes the rows of one output of the prefix, from several threads.</summary>
internal interface IRowTarget
{
    public void Write(int row, ReadOnlySpan<float> values);
}

/// <summary>Gives rows back as a batch.</summary>
internal interface IRowSource
{
    /// <summary>[N,C,H,W] for maps, channels last in memory, or [N,F].</summary>
    public Tensor Load(ReadOnlySpan<int> rows);
}

/// <summary>Features in float32, for the probe and the warm-up: rows x F.</summary>
internal sealed class FeatureRows(int count, int featureCount) : IRowTarget, IRowSource
{
    public int FeatureCount => featureCount;

    public float[] Values { get; } = new float[(long)count * featureCount];

    /// <exception cref="GraftException">A value is not finite.</exception>
    public void Write(int row, ReadOnlySpan<float> values)
    {
        RowStore.CheckFinite(values);
        values.CopyTo(Values.AsSpan(row * featureCount, featureCount));
    }

    /// <summary>The rows one after the other: N x F.</summary>
    public float[] Gather(ReadOnlySpan<int> rows)
    {
        float[] gathered = new float[(long)rows.Length * featureCount];
        for (int i = 0; i < rows.Length; i++)
        {
            Values.AsSpan(rows[i] * featureCount, featureCount).CopyTo(gathered.AsSpan(i * featureCount, featureCount));
        }

        return gathered;
    }

    public Tensor Load(ReadOnlySpan<int> rows)
    {
        Tensor features = empty([rows.Length, featureCount], dtype: ScalarType.Float32);   // [N,F]
        Gather(rows).CopyTo(MemoryMarshal.Cast<byte, float>(features.bytes));
        return features;
    }
}
