using System.Runtime.InteropServices;
using Graft.Infrastructure;
using Graft.Onnx;
using DataType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Conformance;

/// <summary>Shape and values of a tensor of any element type. Integers beyond 2^53 lose their last bits.</summary>
/// <param name="Shape">Dimensions, outermost first.</param>
/// <param name="Flat">Values in row-major order.</param>
internal sealed record Values(IReadOnlyList<long> Shape, double[] Flat)
{
    /// <summary>Shape and values of a <see cref="TensorProto"/>.</summary>
    public static Values Of(TensorProto tensor) => new([.. tensor.Dims], Flatten(tensor));

    /// <summary>Reads a TensorProto from a .pb file.</summary>
    public static TensorProto Read(string path)
    {
        try
        {
            TensorProto tensor = TensorProto.Parser.ParseFrom(File.ReadAllBytes(path));
            TensorValues.Validate(tensor, path, new OnnxLimits().TensorElements);
            return tensor;
        }
        catch (Google.Protobuf.InvalidProtocolBufferException error)
        {
            throw new OnnxException(path, $"not a tensor ({error.Message.TrimEnd('.')}); copy the file again", error);
        }
    }

    private static double[] Flatten(TensorProto tensor) =>
        (DataType)tensor.DataType switch
        {
            DataType.Double when tensor.DoubleData.Count > 0 => [.. tensor.DoubleData],
            DataType.Double => MemoryMarshal.Cast<byte, double>(tensor.RawData.Span).ToArray(),
            DataType.String => throw new RefusedException(
                $"the tensor '{Printable.Text(tensor.Name)}' holds text; only numbers and booleans are supported"
            ),
            _ when TensorValues.IsFloat(tensor) => Array.ConvertAll(TensorValues.ToSingles(tensor), x => (double)x),
            _ => Array.ConvertAll(TensorValues.ToInt64s(tensor), x => (double)x),
        };
}
