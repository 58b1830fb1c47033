using Graft.Conformance;

namespace Graft.Training.Tests.Bodies;

internal static class DigestAssert
{
    /// <summary>Asserts that a flattened tensor matches its digest in a golden file.</summary>
    public static void AssertMatches(this Digest expected, float[] values, double relative, string what) =>
        Assert.Null(
            expected.Difference(
                what,
                new Values(
                    [expected.Shape[0], values.Length / expected.Shape[0]],
                    Array.ConvertAll(values, v => (double)v)
                ),
                relative
            )
        );
}
