namespace Graft.Conformance;

/// <summary>What runs a graph.</summary>
internal enum Engine
{
    OnnxRuntime,
    Torch,
}

internal enum Outcome
{
    Passed,
    Failed,

    /// <summary>Not supported, and said so by name: of an operator, an architecture, a file.</summary>
    Refused,
}

/// <param name="Reason">Why it failed or was refused, on one line; empty where it passed.</param>
internal readonly record struct Verdict(Outcome Outcome, string Reason)
{
    public static Verdict Passed { get; } = new(Outcome.Passed, "");

    public static Verdict Failed(string reason) => new(Outcome.Failed, reason);

    public static Verdict Refused(string reason) => new(Outcome.Refused, reason);
}

/// <summary>One thing to check against values that Graft did not compute.</summary>
/// <param name="Name">The file or folder, relative to what was asked for.</param>
/// <param name="Run">Runs the case. May throw: <see cref="CaseRunner"/> turns exceptions into verdicts.</param>
internal sealed record ConformanceCase(string Name, Func<Engine, Verdict> Run);
