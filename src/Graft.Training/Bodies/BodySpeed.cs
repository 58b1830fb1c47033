using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>Measures how long a named body takes for one image in ONNX Runtime, as a finished model does.</summary>
internal static class BodySpeed
{
    private const int WarmUps = 2;
    private const int FewestRuns = 3;
    private static readonly TimeSpan s_enough = TimeSpan.FromSeconds(0.4);

    /// <summary>The median time for one image at the size of the pretraining, without the classifier.</summary>
    /// <remarks>The weights are zeros: the time does not depend on their values.</remarks>
    public static TimeSpan Measure(BodyEntry entry, int threads, TimeProvider clock, CancellationToken cancel)
    {
        int side = entry.InputSize;
        BuiltNetwork network = entry.Architecture.Build(side, classCount: 0);
        foreach (TensorProto weight in network.Parameters)
        {
            long count = TensorValues.ElementCount(weight, weight.Name);
            WeightValues.Assign(weight, new byte[checked(count * sizeof(float))]);
        }

        using OnnxSession session = new(network.Model, entry.Name, threads);
        float[] image = new float[3 * side * side];
        List<TimeSpan> times = [];
        TimeSpan sum = TimeSpan.Zero;
        for (int run = 0; run < WarmUps + FewestRuns || sum < s_enough; run++)
        {
            cancel.ThrowIfCancellationRequested();
            long start = clock.GetTimestamp();
            session.Run(image, 1, 3, side, side);
            TimeSpan time = clock.GetElapsedTime(start);
            sum += time;
            if (run >= WarmUps)
            {
                times.Add(time);
            }
        }

        times.Sort();
        return times[times.Count / 2];
    }
}
