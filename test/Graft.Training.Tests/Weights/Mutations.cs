using System.Buffers.Binary;
using System.Diagnostics;
using Graft.Training.Weights;

namespace Graft.Training.Tests.Weights;

/// <summary>
/// Damages good files by flipped bits, cuts, splices, repeats and edited lengths. Case i is always the same.
/// GRAFT_MUTATIONS sets the number of cases per reader (100,000 in a full run).
/// </summary>
internal static class Mutations
{
    private const int DefaultCount = 2_000;

    /// <summary>Bytes that reading may allocate beyond twice the file's size.</summary>
    private const long Allowance = 64L << 20;

    /// <summary>
    /// Longest time for a damaged file of the corpus (at most 30 KB): a hundred times that of a sound one on a busy
    /// machine.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly ulong[] Extremes =
    [
        0,
        1,
        2,
        7,
        8,
        0x7f,
        0x80,
        0xff,
        0x100,
        0x7fff,
        0xffff,
        0x7fffffff,
        0x80000000,
        0xffffffff,
        0x100000000,
        long.MaxValue,
        1UL << 63,
        ulong.MaxValue,
    ];

    public static int Count { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("GRAFT_MUTATIONS"), out int count) ? count : DefaultCount;

    /// <summary>
    /// Asserts that every case is read, or refused by a <see cref="WeightFileException"/>, within the limits of time
    /// and memory. Returns the number of cases that were read.
    /// </summary>
    public static int AssertAllSurvive(string[] corpus, Func<WeightBytes, WeightFile> read) =>
        AssertAllSurvive([.. corpus.Select(name => File.ReadAllBytes(CorpusPath(name)))], read);

    public static int AssertAllSurvive(byte[][] seeds, Func<WeightBytes, WeightFile> read)
    {
        int readable = 0;
        for (int i = 0; i < Count; i++)
        {
            byte[] damaged = Damage(seeds, i);
            readable += AssertSurvives($"case {i} of seed {i % seeds.Length}", damaged, read) ? 1 : 0;
        }

        return readable;
    }

    public static bool AssertSurvives(string name, byte[] bytes, Func<WeightBytes, WeightFile> read)
    {
        long allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        Stopwatch watch = Stopwatch.StartNew();
        bool isRead = false;
        try
        {
            using WeightBytes file = new(name, bytes);
            WeightFile weights = read(file);
            isRead = weights.Tensors.Values.All(tensor =>
                tensor.Bytes.Length == WeightTensor.ByteCount(tensor.Type, tensor.Shape)
            );
            Assert.True(isRead, $"{name}: the bytes of a tensor do not fit its shape");
        }
        catch (WeightFileException refusal)
        {
            Assert.Contains(name, refusal.Message);
            Assert.NotEmpty(refusal.Place);
            Assert.NotEmpty(refusal.Reason);
        }
        catch (Exception error) when (error is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{name}: {error}");
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - allocatedBefore;
        Assert.True(
            allocated <= (2 * bytes.LongLength) + Allowance,
            $"{name}: {allocated} bytes allocated for {bytes.Length}"
        );
        Assert.True(watch.Elapsed < Patience, $"{name}: took {watch.Elapsed}");
        return isRead;
    }

    public static string CorpusPath(string name) =>
        Path.Combine(SharedData.Root, "test", "Graft.Training.Tests", "Weights", "Corpus", name);

    internal static byte[] Damage(byte[][] seeds, int index)
    {
        Random random = new(index);
        byte[] bytes = [.. seeds[index % seeds.Length]];
        int rounds = 1 + random.Next(4);
        for (int round = 0; round < rounds && bytes.Length > 0; round++)
        {
            byte[] other = seeds[random.Next(seeds.Length)];
            bytes = random.Next(10) switch
            {
                0 or 1 or 2 => FlipBits(bytes, random),
                3 or 4 or 5 => EditNumber(bytes, random),
                6 => bytes[..random.Next(bytes.Length)],
                7 => Splice(bytes, other, random),
                8 => Repeat(bytes, random),
                _ => SetByte(bytes, random),
            };
        }

        return bytes;
    }

    /// <summary>A random place; half of them are in the first 512 bytes, where the headers are.</summary>
    private static int Place(byte[] bytes, Random random) =>
        random.Next(random.Next(2) == 0 ? Math.Min(512, bytes.Length) : bytes.Length);

    private static byte[] FlipBits(byte[] bytes, Random random)
    {
        for (int i = random.Next(4); i >= 0; i--)
        {
            bytes[Place(bytes, random)] ^= (byte)(1 << random.Next(8));
        }

        return bytes;
    }

    private static byte[] SetByte(byte[] bytes, Random random)
    {
        bytes[Place(bytes, random)] = (byte)random.Next(256);
        return bytes;
    }

    private static byte[] EditNumber(byte[] bytes, Random random)
    {
        ulong number = random.Next(4) switch
        {
            0 => (ulong)random.Next(bytes.Length),
            1 => (ulong)(bytes.Length + random.Next(3) - 1),
            _ => Extremes[random.Next(Extremes.Length)],
        };
        byte[] text = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(text, number);
        if (random.Next(8) == 0)
        {
            text = System.Text.Encoding.ASCII.GetBytes(number.ToString());
        }

        int width = Math.Min(text.Length, 1 << random.Next(4));
        int place = Place(bytes, random);
        text.AsSpan(0, Math.Min(width, bytes.Length - place)).CopyTo(bytes.AsSpan(place));
        return bytes;
    }

    private static byte[] Splice(byte[] bytes, byte[] other, Random random)
    {
        int from = random.Next(other.Length);
        int length = random.Next(Math.Min(other.Length - from, 2048)) + 1;
        int place = Place(bytes, random);
        int replaced = random.Next(2) == 0 ? Math.Min(length, bytes.Length - place) : 0;
        return [.. bytes[..place], .. other[from..(from + length)], .. bytes[(place + replaced)..]];
    }

    private static byte[] Repeat(byte[] bytes, Random random)
    {
        int from = Place(bytes, random);
        int length = random.Next(Math.Min(bytes.Length - from, 512)) + 1;
        return random.Next(2) == 0
            ? [.. bytes[..from], .. bytes[(from + length)..]]
            : [.. bytes[..(from + length)], .. bytes[from..]];
    }
}
