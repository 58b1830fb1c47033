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

    /// <summary>True where bfloat16 is to be used by default.</summary>
    /// <param name="cache">Where the measurement is kept. Without it, the table decides alone.</param>
    public static bool Of(CacheOptions cache)
    {
        if (!Processor.HasBFloat16 || MachineLines.PathOf(cache, FileName) is not string path)
        {
            return Processor.IsBFloat16Fast;
        }

        return Decide(
            Processor.IsBFloat16Fast,
            Kept(path, MachineFingerprint.Compute(), () => ArithmeticSpeed.Measure(TimeProvider.System))
        );
    }

    /// <summary>What a run with this cache will choose; writes nothing.</summary>
    public static bool Foresee(CacheOptions cache) =>
        !Processor.HasBFloat16 || MachineLines.PathOf(cache, FileName) is not string path
            ? Processor.IsBFloat16Fast
            : Decide(
                Processor.IsBFloat16Fast,
                Known(MachineLines.Read(path), MachineFingerprint.Compute()).Speed
                    ?? ArithmeticSpeed.Measure(TimeProvider.System)
            );

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
        string[] lines = MachineLines.Read(path);
        (string? own, ArithmeticSpeed? known) = Known(lines, fingerprint);
        if (known is ArithmeticSpeed kept)
        {
            return kept;
        }

        ArithmeticSpeed measured = measure();
        bool isKept = MachineLines.Append(path, lines.Where(line => line != own), $"{fingerprint} {measured.ToText()}");
        return isKept ? measured : null;
    }

    // The line of a machine, and what it says where it can be read.
    private static (string? Line, ArithmeticSpeed? Speed) Known(string[] lines, string fingerprint)
    {
        string? own = lines.FirstOrDefault(line => line.StartsWith(fingerprint + " ", StringComparison.Ordinal));
        return (own, own is null ? null : ArithmeticSpeed.Parse(own[(fingerprint.Length + 1)..]));
    }
}
