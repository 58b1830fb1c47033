using System.Globalization;
using Graft.Torch;
using static TorchSharp.torch;

namespace Graft.Training;

/// <summary>
/// Times of two typical layers in float32 and in bfloat16 on one core, in milliseconds: each the shortest of many.
/// </summary>
/// <param name="ConvolutionSingle">A 3 x 3 convolution of 64 channels in float32.</param>
/// <param name="ConvolutionHalf">The same in bfloat16.</param>
/// <param name="DepthwiseSingle">A depthwise 5 x 5 convolution of 192 channels in float32.</param>
/// <param name="DepthwiseHalf">The same in bfloat16.</param>
public sealed record ArithmeticSpeed(
    double ConvolutionSingle,
    double ConvolutionHalf,
    double DepthwiseSingle,
    double DepthwiseHalf
)
{
    // Each repetition is shorter than a time slice, so the shortest of many is undisturbed on a busy machine too.
    private const int Repetitions = 50;
    private const int Fields = 4;

    /// <summary>Time of the convolution in bfloat16 divided by that in float32.</summary>
    public double Ratio => ConvolutionHalf / ConvolutionSingle;

    /// <summary>Measures this machine. Takes about a tenth of a second.</summary>
    internal static ArithmeticSpeed Measure(TimeProvider time)
    {
        TorchInstructions.Prepare();
        int threads = get_num_threads();
        set_num_threads(1);
        try
        {
            double[] best = [.. Enumerable.Repeat(double.PositiveInfinity, Fields)];
            for (int i = 0; i < Repetitions; i++)
            {
                // in turns, so that other work on the machine meets both
                Keep(best, 0, Convolution(ScalarType.Float32, time));
                Keep(best, 1, Convolution(ScalarType.BFloat16, time));
                Keep(best, 2, Depthwise(ScalarType.Float32, time));
                Keep(best, 3, Depthwise(ScalarType.BFloat16, time));
            }

            return new(best[0], best[1], best[2], best[3]);
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    /// <summary>The times with spaces between them.</summary>
    internal string ToText() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{ConvolutionSingle:0.###} {ConvolutionHalf:0.###} {DepthwiseSingle:0.###} {DepthwiseHalf:0.###}"
        );

    /// <summary>Reads what <see cref="ToText"/> wrote; null for anything else.</summary>
    internal static ArithmeticSpeed? Parse(string text)
    {
        double[] times =
        [
            .. text.Split(' ')
                .Select(word =>
                    double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
                        ? value
                        : double.NaN
                ),
        ];
        return times.Length == Fields && times.All(value => double.IsFinite(value) && value > 0)
            ? new(times[0], times[1], times[2], times[3])
            : null;
    }

    private static void Keep(double[] best, int index, double milliseconds) =>
        best[index] = Math.Min(best[index], milliseconds);

    private static double Convolution(ScalarType type, TimeProvider time)
    {
        using TorchSharp.DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = inference_mode();
        Tensor images = ones([1, 28, 28, 64], type).permute(0, 3, 1, 2); // [N,C,H,W], channels last
        Tensor weight = ones([64, 64, 3, 3], type);
        long start = time.GetTimestamp();
        nn.functional.conv2d(images, weight, padding: [1, 1]).Dispose();
        return time.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double Depthwise(ScalarType type, TimeProvider time)
    {
        using TorchSharp.DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = inference_mode();
        Tensor images = ones([1, 28, 28, 192], type).permute(0, 3, 1, 2); // [N,C,H,W], channels last
        Tensor weight = ones([192, 1, 5, 5], type);
        long start = time.GetTimestamp();
        nn.functional.conv2d(images, weight, padding: [2, 2], groups: 192).Dispose();
        return time.GetElapsedTime(start).TotalMilliseconds;
    }
}
