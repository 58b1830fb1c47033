using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Graft.Training.Tests.Data;

/// <summary>Makes archives and folders of tiny pictures, each with a colour of its own.</summary>
internal static class SampleImages
{
    /// <summary>Two class folders of two pictures each.</summary>
    public static IReadOnlyDictionary<string, byte[]> ClassFolders { get; } =
        new Dictionary<string, byte[]>
        {
            ["roses/1.png"] = Picture(1),
            ["roses/2.png"] = Picture(2),
            ["tulips/3.png"] = Picture(3),
            ["tulips/4.png"] = Picture(4),
        };

    public static byte[] Picture(int number) => TinyClassifier.Png((byte)(number * 20), (byte)number, 200);

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    public static byte[] Zip(IEnumerable<KeyValuePair<string, byte[]>> files)
    {
        using MemoryStream bytes = new();
        using (ZipArchive zip = new(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in files)
            {
                using Stream entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return bytes.ToArray();
    }

    public static byte[] Tar(
        IEnumerable<KeyValuePair<string, byte[]>> files,
        TarEntryFormat format = TarEntryFormat.Pax
    )
    {
        using MemoryStream bytes = new();
        using (TarWriter tar = new(bytes, format, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in files)
            {
                tar.WriteEntry(Entry(format, name, content));
            }
        }

        return bytes.ToArray();
    }

    public static byte[] Gzip(byte[] content)
    {
        using MemoryStream bytes = new();
        using (GZipStream gzip = new(bytes, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return bytes.ToArray();
    }

    /// <summary>Loads a set of any size.</summary>
    public static ImageSet Load(string path, DataOptions? data = null) =>
        ImageSet.Load(
            path,
            new()
            {
                LeastClasses = 1,
                LeastImages = 1,
                Data = data ?? new(),
            },
            cancel: TestContext.Current.CancellationToken
        );

    /// <summary>Each image as "name = label (part)".</summary>
    public static string[] Describe(ImageSet set) =>
        [
            .. set.Images.Select(image =>
                $"{image.Name} = {image.Label}" + (image.Part is null ? "" : $" ({image.Part})")
            ),
        ];

    private static TarEntry Entry(TarEntryFormat format, string name, byte[] content)
    {
        TarEntry entry = format switch
        {
            TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, name),
            TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name),
            TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name),
            _ => new PaxTarEntry(TarEntryType.RegularFile, name),
        };
        entry.DataStream = new MemoryStream(content);
        return entry;
    }
}
