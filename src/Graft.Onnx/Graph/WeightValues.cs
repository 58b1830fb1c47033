using System.Runtime.InteropServices;
using Google.Protobuf;
using Graft.Infrastructure;
using DataType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Onnx;

/// <summary>Gives values to weights that <see cref="GraphBuilder"/> declared by name and shape.</summary>
internal static class WeightValues
{
    /// <summary>
    /// Makes <paramref name="singles"/> the values of <paramref name="weight"/> without copying them.
    /// </summary>
    /// <param name="singles">Little-endian float32, row-major; belongs to the weight from now on and must not
    /// change.</param>
    /// <exception cref="ArgumentException">The length is not the shape's.</exception>
    public static void Assign(TensorProto weight, ReadOnlyMemory<byte> singles)
    {
        long length = sizeof(float) * TensorValues.ElementCount(weight, weight.Name);
        if (weight.DataType != (int)DataType.Float || singles.Length != length)
        {
            throw new ArgumentException(
                $"'{weight.Name}' cannot be given {singles.Length:N0} bytes: its shape needs {length:N0} of float32",
                nameof(singles)
            );
        }

        weight.RawData = UnsafeByteOperations.UnsafeWrap(singles);
    }

    /// <summary>Gives <paramref name="weight"/> a copy of <paramref name="values"/>.</summary>
    public static void Assign(TensorProto weight, ReadOnlySpan<float> values) =>
        Assign(weight, MemoryMarshal.AsBytes(values).ToArray());

    /// <exception cref="OnnxException">A weight was declared and got no values.</exception>
    public static void RequireComplete(OnnxModel model)
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
