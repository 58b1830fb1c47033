using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Graft.Onnx;

/// <summary>
/// One output of an <see cref="OnnxSession"/>. At most one of <paramref name="Singles"/> and
/// <paramref name="Int64s"/> is set; neither is for element types such as strings.
/// </summary>
/// <param name="Shape">All dimensions, including the batch.</param>
/// <param name="Singles">Float32 or float64 values as float32, row-major; null for other element types.</param>
/// <param name="Int64s">Integer or boolean values as int64, row-major; null for other element types.</param>
public sealed record OnnxOutput(long[] Shape, float[]? Singles, long[]? Int64s)
{
    internal static OnnxOutput Copy(OrtValue value)
    {
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        return info.ElementDataType switch
        {
            TensorElementType.Float => new(info.Shape, value.GetTensorDataAsSpan<float>().ToArray(), null),
            TensorElementType.Int64 => new(info.Shape, null, value.GetTensorDataAsSpan<long>().ToArray()),
            TensorElementType.Int32 => new(
                info.Shape,
                null,
                Array.ConvertAll(value.GetTensorDataAsSpan<int>().ToArray(), x => (long)x)
            ),
            TensorElementType.Double => new(
                info.Shape,
                Array.ConvertAll(value.GetTensorDataAsSpan<double>().ToArray(), x => (float)x),
                null
            ),
            TensorElementType.Bool => new(
                info.Shape,
                null,
                Array.ConvertAll(value.GetTensorDataAsSpan<bool>().ToArray(), x => x ? 1L : 0)
            ),
            _ => new(info.Shape, null, null),
        };
    }
}
