using System.Diagnostics;
using Graft.Infrastructure;
using NetVips;

namespace Graft.Bench;

/// <summary>
/// Peak memory of whole trainings on synthetic images. Each image has its own blots of colour; the hue is the class.
/// </summary>
internal static class MemoryBench
{
    private const int Side = 192;
    private const int Blots = 6; // along a side
    private const int Classes = 10;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    /// <param name="counts">Numbers of images.</param>
    /// <param name="arguments">Verb and options of graft.</param>
    public static void Run(int[] counts, string[] arguments)
    {
        foreach (int count in counts)
        {
            using TemporaryFolder folder = new();
            string images = Path.Combine(folder.Root, "images");
            Parallel.For(0, count, i => Write(images, i));
            (long peak, TimeSpan time, int code) = Watch(
                GraftProgram.Built,
                [arguments[0], images, "--out", Path.Combine(folder.Root, "run"), .. arguments[1..]],
                Path.Combine(folder.Root, "cache")
            );
            Console.WriteLine(
                $"{count} images: peak resident set {peak / 1e6:0} MB, {time.TotalSeconds:0} s, exit code {code}"
            );
        }
    }

    private static (long Peak, TimeSpan Time, int Code) Watch(string program, string[] arguments, string cache)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true };
        start.Environment["GRAFT_CACHE"] = cache;
        Stopwatch watch = Stopwatch.StartNew();
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        long peak = 0;
        while (!process.WaitForExit(s_pause))
        {
            process.Refresh();
            peak = Math.Max(peak, process.PeakWorkingSet64); // VmHWM, the maximum that the system records
        }

        _ = output.Result;
        return (peak, watch.Elapsed, process.ExitCode);
    }

    private static void Write(string folder, int number)
    {
        int hue = number % Classes;
        CountedRandom random = new(1, RandomPurpose.View, (uint)number);
        byte[] colours = new byte[Blots * Blots * 3];
        for (int i = 0; i < colours.Length; i++)
        {
            colours[i] = (byte)(
                255
                * (
                    (0.6 * random.Uniform((uint)i))
                    + (0.2 * (1 + Math.Cos((2 * Math.PI * hue / Classes) + (2 * (i % 3)))))
                )
            );
        }

        string path = Path.Combine(folder, $"class-{hue}", $"{number:00000}.jpg");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using Image small = Image.NewFromMemoryCopy(colours, Blots, Blots, 3, Enums.BandFormat.Uchar);
        using Image large = small.Resize((double)Side / Blots, kernel: Enums.Kernel.Cubic);
        using Image named = large.Copy(interpretation: Enums.Interpretation.Srgb);
        File.WriteAllBytes(path, named.JpegsaveBuffer(q: 85));
    }
}
