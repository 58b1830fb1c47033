using System.Numerics.Tensors;

namespace Graft.Studio;

/// <summary>A point of the map.</summary>
/// <param name="Image">Number of the image.</param>
/// <param name="X">Place on the first axis, −1 to 1.</param>
/// <param name="Y">Place on the second axis, −1 to 1.</param>
internal sealed record MapPoint(int Image, float X, float Y);

/// <summary>
/// Places images on the two principal axes of their features. The axes come from orthogonal iteration (Golub and Van
/// Loan, Matrix Computations, 8.2.4), which needs no matrix of all pairs of features.
/// </summary>
internal static class FeatureMap
{
    private const int Rounds = 30;

    /// <summary>The map of a set.</summary>
    public static IReadOnlyList<MapPoint> Of(SetFeatures features)
    {
        int width = features.Width;
        Random random = new(1); // the same map each time
        float[][] axes = [.. Enumerable.Range(0, 2).Select(_ => Drawn(random, width))];
        for (int round = 0; round < Rounds; round++)
        {
            float[][] next = [new float[width], new float[width]];
            for (int row = 0; row < features.Images.Count; row++)
            {
                ReadOnlySpan<float> one = features.Row(row);
                for (int axis = 0; axis < 2; axis++)
                {
                    float along = TensorPrimitives.Dot(one, axes[axis]);
                    TensorPrimitives.MultiplyAdd(one, along, next[axis], next[axis]);
                }
            }

            Orthonormalise(next);
            axes = next;
        }

        return Points(features, axes);
    }

    private static float[] Drawn(Random random, int width) =>
        [.. Enumerable.Range(0, width).Select(_ => random.NextSingle() - 0.5f)];

    private static void Orthonormalise(float[][] axes)
    {
        Normalise(axes[0]);
        float shared = TensorPrimitives.Dot<float>(axes[0], axes[1]);
        TensorPrimitives.MultiplyAdd<float>(axes[0], -shared, axes[1], axes[1]);
        Normalise(axes[1]);
    }

    private static void Normalise(float[] axis) =>
        TensorPrimitives.Divide(axis, Math.Max(TensorPrimitives.Norm<float>(axis), float.Epsilon), axis);

    private static IReadOnlyList<MapPoint> Points(SetFeatures features, float[][] axes)
    {
        MapPoint[] points =
        [
            .. features.Images.Select(
                (image, row) =>
                    new MapPoint(
                        image,
                        TensorPrimitives.Dot(features.Row(row), axes[0]),
                        TensorPrimitives.Dot(features.Row(row), axes[1])
                    )
            ),
        ];
        float most = points.Max(point => Math.Max(Math.Abs(point.X), Math.Abs(point.Y)));
        float scale = 1 / Math.Max(most, float.Epsilon);
        return [.. points.Select(point => point with { X = point.X * scale, Y = point.Y * scale })];
    }
}
