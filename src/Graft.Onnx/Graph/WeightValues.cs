using System.Runtime.InteropServices;
using Google.Protobuf;
using Graft.Infrastructure;
using DataType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Onnx;

/// <summary>Sets the values of weights that were declared by name and shape.</summary>
public static class WeightValues
{
    /// <summary>
    /// Sets the values of <paramref name="weight"/> to <paramref name="singles"/> without copying them.
    /// </summary>
    /// <param name="weight">A float32 weight with a shape.</param>
    /// <param name="singles">Little-endian float32 values, row-major. The weight owns the memory from now on; it must
    /// not change.</param>
    /// <exception cref="ArgumentException">The weight is not float32, or the length does not fit its shape.</exception>
    public static void Assign(TensorProto weight, ReadOnlyMemory<byte> singles)
    {
        ArgumentNullException.ThrowIfNull(weight);
        long length = sizeof(float) * TensorValues.ElementCount(weight, weight.Name);
        if (weight.DataType != (int)DataType.Float || singles.Length != length)
        {
            throw new ArgumentException(
                $"'{weight.Name}' cannot take {singles.Length:N0} bytes: its shape needs {length:N0} bytes of float32",
                nameof(singles)
            );
        }

        weight.RawData = UnsafeByteOperations.UnsafeWrap(singles);
    }

    /// <summary>Sets the values of <paramref name="weight"/> to a copy of <paramref name="values"/>.</summary>
    /// <param name="weight">A float32 weight with a shape.</param>
    /// <param name="values">The values, row-major.</param>
    /// <exception cref="ArgumentException">The weight is not float32, or the length does not fit its shape.</exception>
    public static void Assign(TensorProto weight, ReadOnlySpan<float> values) =>
        Assign(weight, MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>Throws if a declared weight has no values yet.</summary>
    /// <exception cref="OnnxException">A declared weight has no values.</exception>
    internal static void RequireComplete(OnnxModel model)
    {
        TensorProto[] empty = [.. model.Graph.Initializer.Where(IsMissing)];
        if (empty.Length > 0)
        {
            string more = empty.Length > 1 ? $" and {empty.Length - 1:N0} more" : "";
            throw new OnnxException(
                model.Graph.Name,
                $"its weight '{Printable.Text(empty[0].Name)}'{more} has no values yet; load weights first"
            );
        }
    }

    private static bool IsMissing(TensorProto weight) =>
        weight.DataType == (int)DataType.Float
        && !ExternalData.IsExternal(weight)
        && weight.RawData.IsEmpty
        && weight.FloatData.Count == 0
        && !weight.Dims.Contains(0);
}
