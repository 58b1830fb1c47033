using Graft.Infrastructure;
using Graft.Training.Run;

namespace Graft.Training.Extraction;

/// <summary>
/// Decides whether this machine computes faster in bfloat16. A table by processor decides, unless a measurement clearly
/// contradicts it. The measurement is kept beside the cache, so the choice is stable on a machine with its libraries.
/// </summary>
internal static class BFloat16Choice
{
    /// <summary>Name of the file in the cache's folder: a fingerprint and four times on each line.</summary>
    public const string FileName = "arithmetic.txt";

    // The table stays where the ratio of the times lies between these: a busy machine must not change the choice.
    private const double ClearlyFaster = 0.5;
    private const double ClearlySlower = 1.5;

    private const int MaxLines = 32; // machines may share a home folder
    private const long MaxFileBytes = 1 << 16;

    /// <summary>True where bfloat16 is to be used by default.</summary>
    /// <param name="cache">Where the measurement is kept. Without it, the table decides alone.</param>
    public static bool Of(CacheOptions cache)
    {
        if (!Processor.HasBFloat16 || !cache.IsOn || cache.FullFolder.Length == 0)
        {
            return Processor.IsBFloat16Fast;
        }

        string path = Path.Combine(cache.FullFolder, FileName);
        return Decide(
            Processor.IsBFloat16Fast,
            Kept(path, MachineFingerprint.Compute(), () => ArithmeticSpeed.Measure(TimeProvider.System))
        );
    }

    /// <summary>The choice by the table, unless the measurement clearly contradicts it.</summary>
    internal static bool Decide(bool table, ArithmeticSpeed? measured) =>
        table ? !(measured?.Ratio > ClearlySlower) : measured?.Ratio < ClearlyFaster;

    /// <summary>The measurement that is kept for a machine, or a new one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fingerprint">Fingerprint of the machine.</param>
    /// <param name="measure">Measures the machine.</param>
    /// <returns>Null where the file cannot be written: what cannot be kept must not decide.</returns>
    internal static ArithmeticSpeed? Kept(string path, string fingerprint, Func<ArithmeticSpeed> measure)
    {
        try
        {
            string[] lines =
                File.Exists(path) && new FileInfo(path).Length <= MaxFileBytes ? File.ReadAllLines(path) : [];
            string? own = lines.FirstOrDefault(line => line.StartsWith(fingerprint + " ", StringComparison.Ordinal));
            if (own is not null && ArithmeticSpeed.Parse(own[(fingerprint.Length + 1)..]) is ArithmeticSpeed kept)
            {
                return kept;
            }

            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            ArithmeticSpeed measured = measure();
            string[] all =
            [
                .. lines.Where(line => line != own).TakeLast(MaxLines - 1),
                $"{fingerprint} {measured.ToText()}",
            ];
            AtomicFile.Write(path, string.Join('\n', all) + "\n");
            return measured;
        }
        catch (Exception error) when (RunStorage.IsRefusal(error))
        {
            return null;
        }
    }
}
