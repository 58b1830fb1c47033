using Graft.Onnx;

namespace Graft.Training.Release;

/// <summary>Times two networks on the same image in turns, so that other work on the machine meets both.</summary>
internal static class NetworkTiming
{
    private const int WarmUp = 3;
    private const int FewestRounds = 15;
    private const int MostRounds = 200;
    private const double EnoughSeconds = 3;

    /// <summary>Median milliseconds of each for one image.</summary>
    /// <param name="first">A classifier.</param>
    /// <param name="second">Another with the same input.</param>
    /// <param name="input">Planes of R, G and B of an image.</param>
    /// <param name="shape">Its shape, 1 x 3 x H x W.</param>
    /// <param name="threads">Threads of one call; 0: one a core.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancel">Stops the measurement.</param>
    public static (double First, double Second) Measure(
        OnnxModel first,
        OnnxModel second,
        float[] input,
        long[] shape,
        int threads,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        using ClassifierSession one = new(first, "first", threads);
        using ClassifierSession other = new(second, "second", threads);
        List<double> ofOne = [];
        List<double> ofOther = [];
        long start = time.GetTimestamp();
        for (int round = 0; round < WarmUp + MostRounds; round++)
        {
            cancel.ThrowIfCancellationRequested();
            double a = Once(one);
            double b = Once(other);
            if (round >= WarmUp)
            {
                ofOne.Add(a);
                ofOther.Add(b);
            }

            if (ofOne.Count >= FewestRounds && time.GetElapsedTime(start).TotalSeconds > EnoughSeconds)
            {
                break;
            }
        }

        return (Median(ofOne), Median(ofOther));

        double Once(ClassifierSession network)
        {
            long begin = time.GetTimestamp();
            _ = network.Run(input, shape);
            return time.GetElapsedTime(begin).TotalMilliseconds;
        }
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
