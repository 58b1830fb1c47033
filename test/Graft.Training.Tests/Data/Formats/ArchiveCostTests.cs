using System.Diagnostics;
using System.IO.Compression;
using System.Text;

namespace Graft.Training.Tests.Data;

/// <summary>Memory and time of reading archives. Runs only with GRAFT_HEAVY=1.</summary>
public sealed class ArchiveCostTests : IDisposable
{
    private const long HoleBytes = 700_000_000;
    private const long Allowance = 64L << 20;

    /// <summary>Reading from a tar archive may cost at most a tenth more than reading from folders.</summary>
    private const double MostRatio = 1.1;

    private const int Million = 1_000_000;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_tar_archive_of_two_gigabytes_is_read_in_flat_memory()
    {
        RequireHeavy();
        string path = Path.Combine(folder.Root, "a.tar");
        using (FileStream tar = File.Create(path))
        {
            foreach ((string name, byte[] content) in SampleImages.ClassFolders)
            {
                WriteHeader(tar, name, content.Length);
                tar.Write(content);
                tar.SetLength(tar.Position = Round(tar.Position));
                WriteHeader(tar, name + ".bin", HoleBytes);
                tar.SetLength(tar.Position = Round(tar.Position + HoleBytes)); // a hole takes no disk
            }

            tar.SetLength(tar.Position + 1024);
        }

        long before = GC.GetTotalAllocatedBytes(precise: true);
        ImageSet set = SampleImages.Load(path);

        Assert.InRange(new FileInfo(path).Length, 2_000_000_000, long.MaxValue);
        Assert.Equal(4, set.Images.Length);
        Assert.Equal(4, set.NotImages.Length);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, Allowance);
    }

    [Fact]
    public void Reading_an_archive_costs_little_more_than_reading_folders()
    {
        RequireHeavy();
        string flowers = SharedData.Find("data/flowers17");
        string tar = Path.Combine(folder.Root, "flowers.tar");
        System.Formats.Tar.TarFile.CreateFromDirectory(flowers, tar, includeBaseDirectory: false);
        _ = Read(flowers);
        _ = Read(tar);

        double plain = Enumerable.Range(0, 5).Min(_ => Read(flowers));
        double archived = Enumerable.Range(0, 5).Min(_ => Read(tar));

        TestContext.Current.SendDiagnosticMessage($"folders {plain:F3} s, tar {archived:F3} s");
        Assert.InRange(archived / plain, 0, MostRatio);
    }

    [Fact]
    public void A_million_entries_refuse_a_tar_and_a_zip_archive_by_name()
    {
        RequireHeavy();
        string tar = Path.Combine(folder.Root, "million.tar");
        string zip = Path.Combine(folder.Root, "million.zip");
        using (FileStream stream = File.Create(tar))
        {
            for (int i = 0; i < Million; i++)
            {
                WriteHeader(stream, $"roses/{i}.png", 0);
            }

            stream.SetLength(stream.Position + 1024);
        }

        using (ZipArchive entries = ZipFile.Open(zip, ZipArchiveMode.Create))
        {
            for (int i = 0; i < Million; i++)
            {
                _ = entries.CreateEntry($"roses/{i}.png");
            }
        }

        foreach (string path in (string[])[tar, zip])
        {
            GraftException refusal = Assert.Throws<GraftException>(() => SampleImages.Load(path));
            Assert.Contains($"'{path}' cannot be used: it has more than 500,000 entries", refusal.Message);
        }
    }

    // loads and decodes, as a training does before it extracts features
    private static double Read(string path)
    {
        Stopwatch watch = Stopwatch.StartNew();
        _ = SampleImages.Load(path).Split(cancel: TestContext.Current.CancellationToken);
        return watch.Elapsed.TotalSeconds;
    }

    private static void RequireHeavy()
    {
        if (Environment.GetEnvironmentVariable("GRAFT_HEAVY") != "1")
        {
            Assert.Skip("reads gigabytes; set GRAFT_HEAVY=1");
        }
    }

    private static long Round(long bytes) => (bytes + 511) / 512 * 512;

    // POSIX.1-2017, pax: the ustar header block
    private static void WriteHeader(Stream tar, string name, long length)
    {
        byte[] block = new byte[512];
        Put(0, name);
        Put(100, "0000644\0");
        Put(108, "0000000\0");
        Put(116, "0000000\0");
        Put(124, Convert.ToString(length, 8).PadLeft(11, '0'));
        Put(136, "00000000000");
        Put(148, "        ");
        block[156] = (byte)'0';
        Put(257, "ustar\00000");
        int sum = block.Sum(one => one);
        Put(148, Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ");
        tar.Write(block);

        void Put(int place, string text) => Encoding.ASCII.GetBytes(text).CopyTo(block, place);
    }
}
