using System.Diagnostics;
using System.Globalization;
using Graft.Torch;
using Graft.Training.FineTuning;
using Graft.Training.Probe;
using Graft.Training.Tests.Probe;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Tests.Torch;

/// <summary>
/// Repeats the same work while another thread collects garbage. The bits must not change, as they would if a collection
/// could free a number during a native call (docs/torchsharp.md). GRAFT_SOAK_SECONDS sets the duration.
/// </summary>
[Collection("torch")]
public sealed class GarbageCollectionTests
{
    // With scalars that nothing kept alive, two of three runs failed in this time, and all in thirty seconds.
    private static readonly TimeSpan _duration = TimeSpan.FromSeconds(
        double.Parse(Environment.GetEnvironmentVariable("GRAFT_SOAK_SECONDS") ?? "3", CultureInfo.InvariantCulture)
    );

    [Fact]
    public void A_probe_gives_the_same_bits_whenever_the_collector_runs()
    {
        (float[] features, int[] labels) = ProbeTestData.Classes(90, 50, 3, 2);
        int[] folds = StratifiedFolds.Assign(labels, null, 1);

        AssertSame(() =>
        {
            ProbeResult result = ProbeSearch.Run(new(features, labels, 3), folds, null, CancellationToken.None);
            return [.. result.Trials.Select(trial => trial.MeanLossNats), .. result.Layer.Weight, .. result.Layer.Bias];
        });
    }

    [Fact]
    public void Training_steps_give_the_same_bits_whenever_the_collector_runs()
    {
        using Tensor input = TorchGraphTests.Input(4);
        using Tensor labels = tensor(new long[] { 0, 1, 2, 3 });

        AssertSame(() => [.. Enum.GetValues<OptimizerKind>().SelectMany(kind => Train(kind, input, labels))]);
    }

    // The losses of five steps, then the weights.
    private static double[] Train(OptimizerKind kind, Tensor input, Tensor labels)
    {
        using DisposeScope all = NewDisposeScope();
        using TorchGraph graph = new(TorchGraphTests.ConvolutionBlock(activation: "Mish"));
        using TailOptimizer optimizer = new(
            kind,
            [new(IsHead: true, Factor: 1, IsDecayed: true, [.. graph.Parameters.Values])],
            weightDecay: 0.01
        );
        List<double> values = [];
        for (int i = 0; i < 5; i++)
        {
            using DisposeScope step = NewDisposeScope();
            Tensor loss = nn.functional.cross_entropy(graph.Forward(input), labels);
            values.Add(loss.ReadNumber());
            loss.backward();
            optimizer.Step(headRate: 0.01, bodyRate: 0.01);
        }

        return
        [
            .. values,
            .. graph
                .Parameters.Values.SelectMany(parameter => TorchGraphTests.Floats(parameter.detach()))
                .Select(value => (double)value),
        ];
    }

    private static void AssertSame(Func<double[]> work)
    {
        double[] first = work();
        using CancellationTokenSource stop = new();
        Thread noise = new(() => MakeGarbage(stop.Token)) { IsBackground = true };
        noise.Start();
        try
        {
            Stopwatch watch = Stopwatch.StartNew();
            while (watch.Elapsed < _duration)
            {
                Assert.Equal(first, work());
            }
        }
        finally
        {
            stop.Cancel();
            noise.Join();
        }
    }

    private static void MakeGarbage(CancellationToken stop)
    {
        Random random = new(1);
        List<byte[]> kept = [];
        while (!stop.IsCancellationRequested)
        {
            kept.Add(new byte[random.Next(10, 200_000)]);
            if (kept.Count > 200)
            {
                kept.Clear();
            }

            if (random.Next(300) == 0)
            {
                GC.Collect();
            }
        }
    }
}
