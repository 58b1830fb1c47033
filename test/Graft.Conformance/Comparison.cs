using Graft.Infrastructure;

namespace Graft.Conformance;

/// <summary>The allowed distance from an expected value: absolute + relative x |expected|.</summary>
internal readonly record struct Tolerance(double Relative, double Absolute)
{
    /// <summary>The ONNX project's defaults for its node and model tests.</summary>
    public static Tolerance Nodes { get; } = new(1e-3, 1e-7);

    /// <summary>
    /// The tolerance for a digest of a network's output. An output is a sum of many terms as large as the tensor's
    /// standard deviation, and float32 leaves an error of 1e-6 to 1e-5 of that size. Where terms cancel to a value near
    /// 0, a relative tolerance alone would require an exact value. A tenth of the relative tolerance times the standard
    /// deviation is above this noise, and far below the effect of a wrong layer.
    /// </summary>
    public static Tolerance Digest(double relative, double standardDeviation) =>
        new(relative, 0.1 * relative * standardDeviation);

    /// <summary>Whether a value is close enough; NaN equals NaN.</summary>
    public bool Accepts(double expected, double actual) =>
        expected == actual
        || (double.IsNaN(expected) && double.IsNaN(actual))
        || Math.Abs(expected - actual) <= Absolute + (Relative * Math.Abs(expected));
}

/// <summary>Compares computed values with expected ones.</summary>
internal static class Comparison
{
    /// <summary>Describes the first difference; null where there is none.</summary>
    public static string? Difference(string name, Values expected, Values actual, Tolerance tolerance)
    {
        if (!expected.Shape.SequenceEqual(actual.Shape))
        {
            return $"{Printable.Text(name)}: the shape is [{string.Join(',', actual.Shape)}] "
                + $"and should be [{string.Join(',', expected.Shape)}]";
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
            : $"{Printable.Text(name)}: {wrong:N0} of {expected.Flat.Length:N0} values differ; "
                + $"the first, at {first}, is {actual.Flat[first]:G9} and should be {expected.Flat[first]:G9}";
    }
}
