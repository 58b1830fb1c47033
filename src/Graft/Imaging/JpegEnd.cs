using System.Buffers.Binary;

namespace Graft.Imaging;

/// <summary>
/// Finds out whether a JPEG that lacks its end marker holds all its pixels. Cameras and broken downloads leave such
/// files, and viewers show them.
/// </summary>
internal static class JpegEnd
{
    private const byte Marker = 0xFF;
    private const byte EndOfImage = 0xD9;
    private const int Coefficients = 64;
    private const int Padding = 64;
    private const byte NeverSent = byte.MaxValue;

    /// <summary>
    /// Whether an end marker follows the last start of scan. The end marker of an embedded preview precedes it.
    /// </summary>
    public static bool IsMarked(ReadOnlySpan<byte> bytes)
    {
        int scan = bytes.LastIndexOf([Marker, (byte)0xDA]);
        return scan >= 0 && bytes[scan..].IndexOf([Marker, EndOfImage]) >= 0;
    }

    /// <summary>
    /// Whether the scans send each coefficient in full precision. Blocks may still be missing from the last scan.
    /// </summary>
    public static bool HasAllScans(ReadOnlySpan<byte> bytes) => Frame.Read(bytes)?.IsSent == true;

    /// <summary>The file with an end marker.</summary>
    /// <param name="bytes">The file without one.</param>
    /// <param name="filling">Byte that continues the scan before the marker, not 255; null for none.</param>
    public static byte[] Close(ReadOnlySpan<byte> bytes, byte? filling = null)
    {
        byte[] padding = filling is byte value ? [.. Enumerable.Repeat(value, Padding)] : [];
        return [.. bytes.TrimEnd(Marker), .. padding, Marker, EndOfImage]; // half a marker may be left
    }

    /// <summary>A frame header, and what the scans after it have sent.</summary>
    private sealed class Frame
    {
        // bits that are still missing of each coefficient of each component
        private readonly Dictionary<byte, byte[]> _missing = [];
        private readonly bool _isProgressive;

        private Frame(ReadOnlySpan<byte> segment, byte marker)
        {
            _isProgressive = (marker & 3) == 2;
            for (int at = 6; at + 3 <= segment.Length && _missing.Count < segment[5]; at += 3)
            {
                byte[] missing = new byte[Coefficients];
                Array.Fill(missing, NeverSent);
                _missing[segment[at]] = missing;
            }
        }

        public bool IsSent =>
            _missing.Count > 0 && _missing.Values.All(one => Array.TrueForAll(one, bits => bits == 0));

        /// <summary>Walks over the segments; null where no frame header is found.</summary>
        public static Frame? Read(ReadOnlySpan<byte> bytes)
        {
            Frame? frame = null;
            int at = 2;
            while (at + 4 <= bytes.Length)
            {
                if (bytes[at] != Marker || bytes[at + 1] is 0 or 1 or Marker or (>= 0xD0 and <= 0xD8))
                {
                    at++; // entropy-coded data, a restart marker or padding
                    continue;
                }

                byte marker = bytes[at + 1];
                int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]);
                if (marker == EndOfImage || length < 2 || at + 2 + length > bytes.Length)
                {
                    break;
                }

                ReadOnlySpan<byte> segment = bytes.Slice(at + 4, length - 2);
                if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC) && segment.Length >= 6)
                {
                    frame = new(segment, marker);
                }
                else if (marker == 0xDA)
                {
                    frame?.Add(segment);
                }

                at += 2 + length;
            }

            return frame;
        }

        // a scan header: the components, the first and last coefficient, and the bits left for later scans
        private void Add(ReadOnlySpan<byte> scan)
        {
            int count = scan.Length == 0 ? 0 : scan[0];
            if (scan.Length < (2 * count) + 4)
            {
                return;
            }

            int last = _isProgressive ? Math.Min((int)scan[(2 * count) + 2], Coefficients - 1) : Coefficients - 1;
            byte bits = (byte)(_isProgressive ? scan[(2 * count) + 3] & 15 : 0);
            for (int i = 0; i < count; i++)
            {
                if (_missing.TryGetValue(scan[1 + (2 * i)], out byte[]? missing))
                {
                    for (int k = _isProgressive ? scan[(2 * count) + 1] : 0; k <= last; k++)
                    {
                        missing[k] = bits;
                    }
                }
            }
        }
    }
}
