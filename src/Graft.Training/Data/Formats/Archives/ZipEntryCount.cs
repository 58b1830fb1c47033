using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Graft.Training.Data;

/// <summary>Reads the number of entries at the end of a zip archive, before memory for them is reserved.</summary>
internal static class ZipEntryCount
{
    private const int EndBytes = 22;
    private const int LongestComment = ushort.MaxValue;
    private const int LocatorBytes = 20;
    private const int FewestEntryBytes = 46;

    /// <summary>
    /// The declared number of entries; null without an end record. A number that the file has no room for counts as
    /// too many.
    /// </summary>
    public static long? Read(SafeFileHandle file, long length)
    {
        int tailBytes = (int)Math.Min(length, EndBytes + LongestComment + LocatorBytes);
        byte[] tail = new byte[tailBytes];
        long start = length - tailBytes;
        int read = RandomAccess.Read(file, tail, start);
        int end = tail.AsSpan(0, read).LastIndexOf("PK\x05\x06"u8);
        if (end < 0 || end + EndBytes > read)
        {
            return null;
        }

        ulong count = BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(end + 10));
        int locator = end - LocatorBytes;
        if (locator >= 0 && tail.AsSpan(locator).StartsWith("PK\x06\x07"u8))
        {
            Span<byte> record = stackalloc byte[56];
            long place = BinaryPrimitives.ReadInt64LittleEndian(tail.AsSpan(locator + 8));
            bool isThere = place >= 0 && place < length && RandomAccess.Read(file, record, place) == record.Length;
            count = isThere ? BinaryPrimitives.ReadUInt64LittleEndian(record[32..]) : count;
        }

        return count > (ulong)(length / FewestEntryBytes) ? long.MaxValue : (long)count;
    }
}
