using Graft.Infrastructure;

namespace Graft.Conformance;

/// <summary>How far a value may be from the expected one: absolute + relative times the expected magnitude.</summary>
internal readonly record struct Tolerance(double Relative, double Absolute)
{
    /// <summary>The ONNX project's own defaults for its node and model tests.</summary>
    public static Tolerance Nodes { get; } = new(1e-3, 1e-7);

    /// <summary>
    /// For a digest of a network's output, whose values are sums of many terms of the size of the tensor's standard
    /// deviation: float32 leaves an error of about 1e-6 to 1e-5 of
    /// that size in each, also where the terms cancel to a value near 0, which a relative tolerance alone would ask to
    /// be exact. A tenth of the relative tolerance, times the
    /// standard deviation, is above that noise and far below what a wrong layer does.
    /// </summary>
    public static Tolerance Digest(double relative, double standardDeviation) =>
        new(relative, 0.1 * relative * standardDeviation);

    public bool Accepts(double expected, double actual) =>
        expected == actual
        || (double.IsNaN(expected) && double.IsNaN(actual))
        || Math.Abs(expected - actual) <= Absolute + (Relative * Math.Abs(expected));
}

/// <summary>Compares what came out with what should have.</summary>
internal static class Comparison
{
    /// <summary>The first difference in words; null where there is none.</summary>
    public static string? Difference(string name, Values expected, Values actual, Tolerance tolerance)
    {
        if (!expected.Shape.SequenceEqual(actual.Shape))
        {
            return $"{Printable.Text(name)}: the shape is [{string.Join(',', actual.Shape)}] and should be [{string.Join(',', expected.Shape)}]";
        }

        int wrong = 0,
            first = -1;
        for (int i = 0; i < expected.Flat.Length; i++)
        {
            if (!tolerance.Accepts(expected.Flat[i], actual.Flat[i]))
            {
                first = wrong++ == 0 ? i : first;
            }
        }

        return wrong == 0
            ? null
            : $"{Printable.Text(name)}: {wrong:N0} of {expected.Flat.Length:N0} values differ, the first at {first}: {actual.Flat[first]:G9} and should be {expected.Flat[first]:G9}";
    }
}
