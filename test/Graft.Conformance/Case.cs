namespace Graft.Conformance;

/// <summary>The program that runs a graph.</summary>
internal enum Engine
{
    OnnxRuntime,
    Torch,
}

/// <summary>The result of a case.</summary>
internal enum Outcome
{
    Passed,
    Failed,

    /// <summary>An operator, an architecture or a file is not supported, and the message names it.</summary>
    Refused,
}

/// <summary>The outcome of a case with its reason.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Reason">Why the case failed or was refused, on one line; empty where it passed.</param>
internal readonly record struct Verdict(Outcome Outcome, string Reason)
{
    public static Verdict Passed { get; } = new(Outcome.Passed, "");

    public static Verdict Failed(string reason) => new(Outcome.Failed, reason);

    public static Verdict Refused(string reason) => new(Outcome.Refused, reason);
}

/// <summary>A check against values that another program computed.</summary>
/// <param name="Name">Path of the file or folder, relative to the given one.</param>
/// <param name="Run">Runs the case. <see cref="CaseRunner"/> turns its exceptions into verdicts.</param>
internal sealed record ConformanceCase(string Name, Func<Engine, Verdict> Run);
