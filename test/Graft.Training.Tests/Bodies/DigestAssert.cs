using Graft.Conformance;

namespace Graft.Training.Tests.Bodies;

internal static class DigestAssert
{
    /// <summary>Compares a tensor, flattened, with what golden files keep of it.</summary>
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
