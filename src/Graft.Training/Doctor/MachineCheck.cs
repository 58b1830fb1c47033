using Graft.Training.Doctor;

namespace Graft.Training;

/// <summary>How far one engine is from its stored answer.</summary>
/// <param name="Engine">Name of the library: libvips, ONNX Runtime, libtorch.</param>
/// <param name="Difference">Largest difference from the stored answer: of a logit, or of a pixel for libvips.</param>
/// <param name="Tolerance">Largest difference that passes.</param>
/// <param name="Seconds">Time that it took.</param>
public sealed record EngineCheck(string Engine, double Difference, double Tolerance, double Seconds);

/// <summary>The answers of all engines on this machine; every one of them passed.</summary>
/// <param name="Engines">In the order of checking.</param>
public sealed record MachineReport(IReadOnlyList<EngineCheck> Engines);

/// <summary>
/// Checks that this machine computes correctly. A faulty processor or native library reports no error by itself; it
/// produces bad models.
/// </summary>
public static class MachineCheck
{
    /// <summary>Runs the embedded network on an embedded picture with every engine. Takes about two seconds.</summary>
    /// <exception cref="GraftException">An engine computes wrongly; the message names it.</exception>
    public static MachineReport Run() => new(SelfCheck.Run(TimeProvider.System));

    /// <inheritdoc cref="Run"/>
    /// <param name="cancel">Cancels the check before it begins.</param>
    public static Task<MachineReport> RunAsync(CancellationToken cancel = default) => Task.Run(Run, cancel);
}
