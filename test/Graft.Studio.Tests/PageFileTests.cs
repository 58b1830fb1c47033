using System.IO.Compression;
using System.Security.Cryptography;

namespace Graft.Studio.Tests;

/// <summary>The committed page in wwwroot.</summary>
public sealed class PageFileTests
{
    private const int FirstLoadBytes = 300_000;

    private static readonly string s_studio = Path.Combine(SharedData.Root, "src", "Graft.Studio");
    private static readonly string s_web = Path.Combine(s_studio, "web");

    [Fact]
    public void The_page_was_built_from_the_sources_that_lie_beside_it()
    {
        Dictionary<string, string> built = File.ReadLines(Path.Combine(s_web, "sources.sha256"))
            .Select(line => line.Split("  ", 2))
            .ToDictionary(parts => parts[1], parts => parts[0], StringComparer.Ordinal);

        Assert.Equal(SourceFiles().Order(StringComparer.Ordinal), built.Keys.Order(StringComparer.Ordinal));
        Assert.All(built, file => Assert.Equal(file.Value, HashOf(file.Key)));
    }

    [Fact]
    public void The_first_load_is_small()
    {
        long bytes = Directory.GetFiles(Path.Combine(s_studio, "wwwroot")).Sum(PackedBytes);

        Assert.InRange(bytes, 1, FirstLoadBytes);
    }

    private static IEnumerable<string> SourceFiles() =>
        Directory
            .GetFiles(s_web)
            .Where(path => Path.GetFileName(path) is not (".gitignore" or "sources.sha256"))
            .Concat(Directory.GetFiles(Path.Combine(s_web, "src"), "*", SearchOption.AllDirectories))
            .Concat(Directory.GetFiles(Path.Combine(s_studio, "wwwroot")))
            .Select(path => Path.GetRelativePath(s_web, path).Replace('\\', '/'));

    private static string HashOf(string path) =>
        Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(s_web, path))));

    private static long PackedBytes(string path)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(File.ReadAllBytes(path));
        }

        return packed.Length;
    }
}
