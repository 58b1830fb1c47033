using System.Runtime.InteropServices;
using Graft.Infrastructure;
using Graft.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using DataType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Conformance;

/// <summary>Converts tensors of any element type to and from ONNX Runtime's values.</summary>
internal static class RuntimeValues
{
    /// <summary>Makes an ONNX Runtime value.</summary>
    public static OrtValue Load(TensorProto tensor)
    {
        long[] shape = [.. tensor.Dims];
        return (DataType)tensor.DataType switch
        {
            DataType.Float => OrtValue.CreateTensorValueFromMemory(TensorValues.ToSingles(tensor), shape),
            DataType.Double => OrtValue.CreateTensorValueFromMemory(Values.Of(tensor).Flat, shape),
            DataType.Float16 => Convert(TensorValues.ToSingles(tensor), shape, x => (Float16)x),
            DataType.Bfloat16 => Convert(TensorValues.ToSingles(tensor), shape, x => (BFloat16)x),
            DataType.Int64 => OrtValue.CreateTensorValueFromMemory(TensorValues.ToInt64s(tensor), shape),
            DataType.Int32 => Convert(TensorValues.ToInt64s(tensor), shape, x => (int)x),
            DataType.Int16 => Convert(TensorValues.ToInt64s(tensor), shape, x => (short)x),
            DataType.Int8 => Convert(TensorValues.ToInt64s(tensor), shape, x => (sbyte)x),
            DataType.Uint64 => Convert(TensorValues.ToInt64s(tensor), shape, x => (ulong)x),
            DataType.Uint32 => Convert(TensorValues.ToInt64s(tensor), shape, x => (uint)x),
            DataType.Uint16 => Convert(TensorValues.ToInt64s(tensor), shape, x => (ushort)x),
            DataType.Uint8 => Convert(TensorValues.ToInt64s(tensor), shape, x => (byte)x),
            DataType.Bool => Convert(TensorValues.ToInt64s(tensor), shape, x => x != 0),
            _ => throw new RefusedException(
                $"the input '{Printable.Text(tensor.Name)}' holds {(DataType)tensor.DataType}; "
                    + "only numbers and booleans are supported"
            ),
        };
    }

    /// <summary>Reads an ONNX Runtime value.</summary>
    public static Values Read(OrtValue value)
    {
        if (value.OnnxType != OnnxValueType.ONNX_TYPE_TENSOR)
        {
            throw new RefusedException("an output is not a tensor");
        }

        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        double[] flat = info.ElementDataType switch
        {
            TensorElementType.Float => Numbers<float>(value, x => x),
            TensorElementType.Double => Numbers<double>(value, x => x),
            TensorElementType.Float16 => Numbers<Float16>(value, x => (float)x),
            TensorElementType.BFloat16 => Numbers<BFloat16>(value, x => (float)x),
            TensorElementType.Int64 => Numbers<long>(value, x => x),
            TensorElementType.Int32 => Numbers<int>(value, x => x),
            TensorElementType.Int16 => Numbers<short>(value, x => x),
            TensorElementType.Int8 => Numbers<sbyte>(value, x => x),
            TensorElementType.UInt64 => Numbers<ulong>(value, x => x),
            TensorElementType.UInt32 => Numbers<uint>(value, x => x),
            TensorElementType.UInt16 => Numbers<ushort>(value, x => x),
            TensorElementType.UInt8 => Numbers<byte>(value, x => x),
            TensorElementType.Bool => Numbers<bool>(value, x => x ? 1 : 0),
            _ => throw new RefusedException(
                $"an output holds {info.ElementDataType}; only numbers and booleans are supported"
            ),
        };
        return new Values(info.Shape, flat);
    }

    private static OrtValue Convert<TFrom, TTo>(TFrom[] values, long[] shape, Converter<TFrom, TTo> convert)
        where TTo : unmanaged => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, convert), shape);

    private static double[] Numbers<T>(OrtValue value, Converter<T, double> convert)
        where T : unmanaged =>
        Array.ConvertAll(
            MemoryMarshal.Cast<byte, T>(MemoryMarshal.AsBytes(value.GetTensorDataAsSpan<T>())).ToArray(),
            convert
        );
}
