using System.Text;

namespace Graft.Conformance;

/// <summary>
/// Computes the values of a tensor from its name: CRC-32 of the name is the seed of a linear congruential generator.
/// The golden files use the same rule.
/// </summary>
internal static class FillingRule
{
    private static readonly uint[] Table = MakeTable();

    /// <summary>Values of the weight <paramref name="name"/> in row-major order.</summary>
    public static float[] Weight(string name, IReadOnlyList<long> shape)
    {
        string last = name[(name.LastIndexOf('.') + 1)..];
        double fanIn = shape.Skip(1).Aggregate(1.0, (product, size) => product * size);
        (double offset, double scale) = last switch
        {
            "running_mean" => (0, 0.1),
            "running_var" => (1, 0.5),
            "bias" => (0, 0.1),
            "layer_scale" or "gamma" => (1, 0.1),
            _ when shape.Count >= 2 => (0, Math.Sqrt(6 / fanIn)),
            _ => (1, 0.1),
        };
        return Fill(name, shape, u => offset + (scale * u));
    }

    /// <summary>Values of the input, between -2 and 2.</summary>
    public static float[] Input(IReadOnlyList<long> shape) => Fill("input", shape, u => 2 * u);

    private static float[] Fill(string name, IReadOnlyList<long> shape, Func<double, double> value)
    {
        float[] values = new float[shape.Aggregate(1L, (product, size) => checked(product * size))];
        uint x = Crc32(Encoding.UTF8.GetBytes(name));
        for (int i = 0; i < values.Length; i++)
        {
            x = unchecked((1664525 * x) + 1013904223);
            values[i] = (float)value((x * (2.0 / 4294967296.0)) - 1);
        }

        return values;
    }

    // CRC-32 with zlib's reflected polynomial.
    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte one in bytes)
        {
            crc = Table[(crc ^ one) & 0xff] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint[] MakeTable()
    {
        uint[] table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? 0xedb88320 ^ (value >> 1) : value >> 1;
            }

            table[i] = value;
        }

        return table;
    }
}
