using System.Diagnostics;
using System.IO.Compression;
using Graft.Training.Bodies;
using Graft.Training.Weights;

namespace Graft.Training.Tests.Weights;

/// <summary>
/// Measures time and memory of loading VGG16 with its classifier (528 MB). Runs only with GRAFT_HEAVY=1, because it
/// writes half a gigabyte.
/// </summary>
public sealed class LoadingCostTests : IDisposable
{
    /// <summary>Largest allocation, as a multiple of the file's size.</summary>
    private const double MemoryFactor = 1.3;

    /// <summary>Longest time, as a multiple of the plain reading or hashing of the same bytes.</summary>
    private const double TimeFactor = 2;
    private readonly string _folder = Directory.CreateTempSubdirectory("graft-load-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("vgg16.safetensors")]
    [InlineData("vgg16.pth")]
    public void Loading_vgg16_takes_little_more_than_its_size_and_its_reading_time(string name)
    {
        if (Environment.GetEnvironmentVariable("GRAFT_HEAVY") != "1")
        {
            Assert.Skip("writes half a gigabyte; set GRAFT_HEAVY=1");
        }

        string path = Path.Combine(_folder, name);
        Write(path, Networks.Expected("vgg16"));
        TimeSpan plain = Fastest(() => ReadPlainly(path));
        TimeSpan hashing = Fastest(() => BodyLoader.Hash(path));

        AssertCost(path, "the tensors", plain, () => WeightFile.Read(path).Tensors.Values.Sum(tensor => tensor.Count));
        AssertCost(path, "the body", hashing, () =>
            NamedBodies
                .Load("vgg16", path)
                .Model.Graph.Initializer.Sum(weight => weight.Dims.Aggregate(1L, (product, d) => product * d))
        );
    }

    // Loading a body also builds its graph, matches names and computes the SHA-256. Hashing takes longer than reading,
    // so the plain time of a body is that of hashing.
    private static void AssertCost(string path, string what, TimeSpan plain, Func<long> load)
    {
        TimeSpan loading = Fastest(() => load());
        long before = GC.GetTotalAllocatedBytes(precise: true);
        long count = load();
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        Assert.Equal(138_357_544, count);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{Path.GetFileName(path)}, {what}: plain {plain.TotalSeconds:f3} s, "
                + $"loading {loading.TotalSeconds:f3} s, "
                + $"{allocated / (double)new FileInfo(path).Length:f3} of the size"
        );
        Assert.InRange(allocated, 0, (long)(MemoryFactor * new FileInfo(path).Length));
        Assert.InRange(loading, TimeSpan.Zero, plain * TimeFactor);
    }

    private static byte[] ReadPlainly(string path)
    {
        using FileStream file = File.OpenRead(path);
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)file.Length);
        file.ReadExactly(bytes);
        return bytes;
    }

    private static TimeSpan Fastest(Func<object> read)
    {
        const int Repeats = 4;
        TimeSpan fastest = TimeSpan.MaxValue;
        for (int i = 0; i < Repeats; i++)
        {
            GC.Collect();
            Stopwatch watch = Stopwatch.StartNew();
            GC.KeepAlive(read());
            fastest = watch.Elapsed < fastest ? watch.Elapsed : fastest;
        }

        return fastest;
    }

    private static void Write(string path, IReadOnlyDictionary<string, IReadOnlyList<long>> network)
    {
        WeightTensor[] tensors = [.. network.Select(pair => Networks.Hollow(pair.Key, [.. pair.Value]))];
        if (path.EndsWith(".safetensors", StringComparison.Ordinal))
        {
            SafetensorsFile.Write(path, tensors);
            return;
        }

        PickleBytes pickle = new PickleBytes().Protocol(2).Op('}');
        using ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Create);
        for (int i = 0; i < tensors.Length; i++)
        {
            long[] shape = [.. tensors[i].Shape];
            long[] strides =
            [
                .. shape.Select((_, d) => shape[(d + 1)..].Aggregate(1L, (product, dimension) => product * dimension)),
            ];
            pickle.Text(tensors[i].Name).Tensor($"{i}", tensors[i].Count, 0, shape, strides).Op('s');
            using Stream entry = zip.CreateEntry($"vgg16/data/{i}", CompressionLevel.NoCompression).Open();
            entry.Write(tensors[i].Bytes.Span);
        }

        using Stream data = zip.CreateEntry("vgg16/data.pkl", CompressionLevel.NoCompression).Open();
        data.Write(pickle.Done);
    }
}
