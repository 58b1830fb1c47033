using System.Buffers.Binary;

namespace Graft.Imaging;

/// <summary>
/// Checks the sizes that an AVIF file declares, before libvips opens it. GLib writes to the terminal where one is
/// absurd.
/// </summary>
internal static class AvifSizes
{
    /// <summary>Refuses a file with a size over a limit, whichever of its images has it.</summary>
    /// <exception cref="ImageException">A size is over a limit.</exception>
    public static void Check(ReadOnlySpan<byte> bytes, string name, DecodeLimits limits)
    {
        // the property "ispe" of ISO/IEC 23008-12: 4 bytes of version and flags, the width and the height
        const int Length = 4 + 4 + 8;
        int at = bytes.IndexOf("ispe"u8);
        while (at >= 0 && bytes.Length - at >= Length)
        {
            ReadOnlySpan<byte> property = bytes[at..];
            ImageDecoder.Check(
                BinaryPrimitives.ReadUInt32BigEndian(property[8..]),
                BinaryPrimitives.ReadUInt32BigEndian(property[12..]),
                name,
                limits
            );
            int next = property[4..].IndexOf("ispe"u8);
            at = next < 0 ? -1 : at + 4 + next;
        }
    }
}
