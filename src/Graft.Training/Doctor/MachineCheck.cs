using Graft.Training.Doctor;
using Graft.Training.Extraction;

namespace Graft.Training;

/// <summary>How far one engine is from its stored answer.</summary>
/// <param name="Engine">Name of the library: libvips, ONNX Runtime, libtorch.</param>
/// <param name="Difference">Largest difference from the stored answer: of a logit, or of a pixel for libvips.</param>
/// <param name="Tolerance">Largest difference that passes.</param>
/// <param name="Seconds">Time that it took.</param>
public sealed record EngineCheck(string Engine, double Difference, double Tolerance, double Seconds);

/// <summary>The answers of all engines on this machine; every one of them passed.</summary>
/// <param name="Engines">In the order of checking.</param>
public sealed record MachineReport(IReadOnlyList<EngineCheck> Engines)
{
    /// <summary>
    /// Times in float32 and bfloat16; null on a processor without instructions for bfloat16.
    /// </summary>
    public ArithmeticSpeed? Arithmetic { get; init; }

    /// <summary>True where layers compute in bfloat16 by default.</summary>
    public bool UsesBFloat16 { get; init; }
}

/// <summary>
/// Checks that this machine computes correctly. A faulty processor or native library reports no error by itself; it
/// produces bad models.
/// </summary>
public static class MachineCheck
{
    /// <summary>Runs the embedded network on an embedded picture with every engine. Takes about two seconds.</summary>
    /// <exception cref="GraftException">An engine computes wrongly; the message names it.</exception>
    public static MachineReport Run()
    {
        IReadOnlyList<EngineCheck> engines = SelfCheck.Run(TimeProvider.System);
        ArithmeticSpeed? speed = Processor.HasBFloat16 ? ArithmeticSpeed.Measure(TimeProvider.System) : null;
        return new(engines)
        {
            Arithmetic = speed,
            UsesBFloat16 = BFloat16Choice.Decide(Processor.IsBFloat16Fast, speed),
        };
    }

    /// <inheritdoc cref="Run"/>
    /// <param name="cancel">Cancels the check before it begins.</param>
    public static Task<MachineReport> RunAsync(CancellationToken cancel = default) => Task.Run(Run, cancel);
}
