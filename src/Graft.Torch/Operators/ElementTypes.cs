using Graft.Onnx;
using static TorchSharp.torch;
using OnnxType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Torch.Operators;

/// <summary>Converts ONNX's element types and tensors to PyTorch's.</summary>
internal static class ElementTypes
{
    /// <summary>Returns the PyTorch type with the same values, or null if there is none.</summary>
    public static ScalarType? TorchOf(OnnxType type) =>
        type switch
        {
            OnnxType.Float => ScalarType.Float32,
            OnnxType.Double => ScalarType.Float64,
            OnnxType.Float16 => ScalarType.Float16,
            OnnxType.Bfloat16 => ScalarType.BFloat16,
            OnnxType.Bool => ScalarType.Bool,
            OnnxType.Int64 or OnnxType.Uint64 or OnnxType.Uint32 => ScalarType.Int64,
            OnnxType.Int32 or OnnxType.Uint16 => ScalarType.Int32,
            OnnxType.Int16 => ScalarType.Int16,
            OnnxType.Int8 => ScalarType.Int8,
            OnnxType.Uint8 => ScalarType.Byte,
            _ => null,
        };

    /// <summary>Loads a tensor into the processor's memory as float32, int64 or bool.</summary>
    public static Tensor Load(TensorProto proto, string owner)
    {
        ScalarType type = TorchOf((OnnxType)proto.DataType)
            ?? throw new OnnxException(
                owner,
                $"its elements are {(OnnxType)proto.DataType}; only the float types, integers and bool are supported"
            );
        long[] shape = [.. proto.Dims];
        if (TensorValues.IsFloat(proto))
        {
            return AlignedTensor.Of(TensorValues.ToSingles(proto), shape);
        }

        Tensor values = tensor(TensorValues.ToInt64s(proto), shape, ScalarType.Int64);
        return type == ScalarType.Bool ? values.to(ScalarType.Bool) : values;
    }

    /// <summary>Converts integers to int64, and leaves floats and booleans.</summary>
    public static Tensor Normalise(Tensor x) =>
        x.is_floating_point() || x.dtype is ScalarType.Int64 or ScalarType.Bool ? x : x.to(ScalarType.Int64);
}
