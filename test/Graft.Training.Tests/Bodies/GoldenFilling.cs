using System.Runtime.InteropServices;
using System.Text;
using Graft.Onnx;

namespace Graft.Training.Tests.Bodies;

/// <summary>The filling rule of golden/README.md: values that follow from a tensor's name alone.</summary>
internal static class GoldenFilling
{
    public static float[] Input(int side) => Values("input", 2 * 3 * side * side, u => 2 * u);

    public static void Fill(TensorProto weight)
    {
        byte[] bytes = new byte[sizeof(float) * TensorData.ElementCount(weight, weight.Name)];
        Fill(weight.Name, MemoryMarshal.Cast<byte, float>(bytes.AsSpan()), RuleOf(weight.Name, [.. weight.Dims]));
        InitialValues.Give(weight, bytes);
    }

    private static float[] Values(string name, int count, Func<double, double> rule)
    {
        float[] values = new float[count];
        Fill(name, values, rule);
        return values;
    }

    private static void Fill(string name, Span<float> values, Func<double, double> rule)
    {
        uint x = Crc32(Encoding.UTF8.GetBytes(name));
        for (int i = 0; i < values.Length; i++)
        {
            x = unchecked((1664525 * x) + 1013904223);
            values[i] = (float)rule((2.0 * x / 4294967296.0) - 1);
        }
    }

    private static Func<double, double> RuleOf(string name, long[] shape)
    {
        string last = name[(name.LastIndexOf('.') + 1)..];
        double fan = Math.Sqrt(6.0 / shape.Skip(1).Aggregate(1L, (product, d) => product * d));
        return last switch
        {
            "running_mean" or "bias" => u => 0.1 * u,
            "running_var" => u => 1 + (0.5 * u),
            "layer_scale" or "gamma" => u => 1 + (0.1 * u),
            _ when shape.Length >= 2 => u => u * fan,
            _ => u => 1 + (0.1 * u),
        };
    }

    private static uint Crc32(byte[] bytes)
    {
        uint crc = 0xFFFFFFFF;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }
}
