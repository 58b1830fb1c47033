using System.Buffers.Binary;
using System.Text;

namespace Graft.Imaging;

/// <summary>Reads from a colour profile (ICC.1:2022) whether it describes sRGB.</summary>
internal static class IccProfile
{
    private const int TagTable = 128;
    private const int MostTags = 100;
    private const int LongestDescription = 256;

    /// <summary>Whether the profile's description names sRGB; false for a damaged profile.</summary>
    public static bool IsSrgb(ReadOnlySpan<byte> profile)
    {
        if (profile.Length < TagTable + 4)
        {
            return false;
        }

        uint tags = Math.Min(BinaryPrimitives.ReadUInt32BigEndian(profile[TagTable..]), MostTags);
        for (int tag = 0; tag < tags; tag++)
        {
            int entry = TagTable + 4 + (12 * tag);
            if (entry + 12 > profile.Length)
            {
                return false;
            }

            if (profile.Slice(entry, 4).SequenceEqual("desc"u8))
            {
                uint offset = BinaryPrimitives.ReadUInt32BigEndian(profile[(entry + 4)..]);
                uint size = BinaryPrimitives.ReadUInt32BigEndian(profile[(entry + 8)..]);
                return offset < profile.Length
                    && NamesSrgb(profile.Slice((int)offset, (int)Math.Min(size, profile.Length - offset)));
            }
        }

        return false;
    }

    // Version 2 holds ASCII and version 4 UTF-16. Without its zeros the second reads like the first.
    private static bool NamesSrgb(ReadOnlySpan<byte> description)
    {
        ReadOnlySpan<byte> start = description[..Math.Min(description.Length, LongestDescription)];
        string text = Encoding.Latin1.GetString(start).Replace("\0", "", StringComparison.Ordinal);
        return text.Contains("sRGB", StringComparison.Ordinal);
    }
}
