using Graft.Imaging;
using Graft.Training.Weights;

namespace Graft.Training.Bodies;

/// <summary>
/// The normalisation inside Keras's EfficientNets: x / 255, then a Normalization layer whose mean and variance lie in
/// the weight file (keras/src/applications/efficientnet.py).
/// </summary>
internal static class KerasNormalisation
{
    // The published ImageNet files hold deviations in place of variances, and the model divides once more by their
    // roots. Together this is (x - mean) / deviation.
    private static readonly float[] s_publishedVariance = [0.229f, 0.224f, 0.225f];

    private const float Tolerance = 1e-4f;

    /// <summary>
    /// <paramref name="usual"/> with the mean and deviation of the weight file; unchanged where the file has none.
    /// </summary>
    public static Preprocessing Apply(WeightFile file, Preprocessing usual)
    {
        if (
            !file.IsChannelsLast
            || Of(file, "mean") is not float[] mean
            || Of(file, "variance") is not float[] variance
        )
        {
            return usual;
        }

        bool isPublished = variance
            .Zip(s_publishedVariance)
            .All(pair => MathF.Abs(pair.First - pair.Second) < Tolerance);
        // 1e-14 is keras.backend.epsilon() squared.
        float[] deviation = isPublished ? variance : Array.ConvertAll(variance, v => MathF.Sqrt(MathF.Max(v, 1e-14f)));
        return usual with
        {
            Mean = new(255 * mean[0], 255 * mean[1], 255 * mean[2]),
            Deviation = new(255 * deviation[0], 255 * deviation[1], 255 * deviation[2]),
        };
    }

    private static float[]? Of(WeightFile file, string variable)
    {
        WeightTensor? tensor = file.Tensors.Values.FirstOrDefault(t =>
            t.Name.Split('/') is [.., "normalization", var last] && (last == variable || last == variable + ":0")
        );
        return tensor is { Count: 3 } ? tensor.ToSingles() : null;
    }
}
