using System.IO.Compression;

namespace Graft.Studio.Tests;

/// <summary>Zip archives to drop.</summary>
internal static class TestArchive
{
    private const int BombBytes = 32 << 20;

    /// <summary>An archive of a folder.</summary>
    public static byte[] Of(string folder)
    {
        using MemoryStream bytes = new();
        ZipFile.CreateFromDirectory(folder, bytes, CompressionLevel.Fastest, includeBaseDirectory: false);
        return bytes.ToArray();
    }

    /// <summary>An archive whose entry leads out of it.</summary>
    public static byte[] Traversing() => With("../../evil.jpg", [0xFF, 0xD8, 0xFF]);

    /// <summary>A small archive whose entry unpacks to over 200 times its size.</summary>
    public static byte[] Bomb() => With("bolt/bomb.bmp", new byte[BombBytes]);

    private static byte[] With(string entry, byte[] content)
    {
        using MemoryStream bytes = new();
        using (ZipArchive archive = new(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream stream = archive.CreateEntry(entry, CompressionLevel.Optimal).Open();
            stream.Write(content);
        }

        return bytes.ToArray();
    }
}
