namespace Graft.Tests;

/// <summary>The CRC-32 that ends every chunk of a PNG (ISO 3309), for files that are changed by hand.</summary>
internal static class PngChecksum
{
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint crc = ~0u;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1)));
            }
        }

        return ~crc;
    }
}
