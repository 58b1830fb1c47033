using System.Buffers.Binary;

namespace Graft.Torch;

/// <summary>Reads the build id of a library for Linux: the GNU note of an ELF file of 64 bits.</summary>
internal static class ElfBuildId
{
    private const int NoteSegment = 4; // PT_NOTE
    private const int BuildIdNote = 3; // NT_GNU_BUILD_ID
    private const int NoteHead = 16; // three lengths and "GNU\0"
    private const int MostNoteBytes = 4096;

    /// <summary>The build id in hexadecimal digits.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Null: the file has none, or is no such file.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static string? Of(string path)
    {
        using FileStream file = File.OpenRead(path);
        byte[] head = Read(file, 0, 64);
        if (head.Length < 64 || !head.AsSpan(0, 5).SequenceEqual("\u007fELF\u0002"u8))
        {
            return null;
        }

        long segments = BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(0x20));
        int size = BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(0x36));
        int count = BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(0x38));
        for (int n = 0; n < count; n++)
        {
            byte[] segment = Read(file, segments + ((long)n * size), 0x38);
            if (segment.Length == 0x38 && BinaryPrimitives.ReadInt32LittleEndian(segment) == NoteSegment)
            {
                long offset = BinaryPrimitives.ReadInt64LittleEndian(segment.AsSpan(0x08));
                long bytes = BinaryPrimitives.ReadInt64LittleEndian(segment.AsSpan(0x20));
                if (IdIn(Read(file, offset, (int)Math.Clamp(bytes, 0, MostNoteBytes))) is string id)
                {
                    return id;
                }
            }
        }

        return null;
    }

    // A note is the length of its name, that of its content, its type, name and content.
    private static string? IdIn(ReadOnlySpan<byte> notes)
    {
        while (notes.Length >= NoteHead)
        {
            long name = BinaryPrimitives.ReadUInt32LittleEndian(notes);
            long content = BinaryPrimitives.ReadUInt32LittleEndian(notes[4..]);
            long length = 12 + Padded(name) + Padded(content);
            if (length > notes.Length)
            {
                return null;
            }

            if (
                BinaryPrimitives.ReadInt32LittleEndian(notes[8..]) == BuildIdNote
                && notes[12..NoteHead].SequenceEqual("GNU\0"u8)
            )
            {
                return Convert.ToHexStringLower(notes.Slice(NoteHead, (int)content));
            }

            notes = notes[(int)length..];
        }

        return null;
    }

    private static long Padded(long length) => (length + 3) / 4 * 4;

    private static byte[] Read(FileStream file, long offset, int count)
    {
        file.Position = Math.Max(0, offset);
        byte[] bytes = new byte[count];
        return bytes[..file.ReadAtLeast(bytes, count, throwOnEndOfStream: false)];
    }
}
