using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Torch;
using Graft.Training.Bodies;
using Graft.Training.Extraction;
using Graft.Training.Run;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Bench;

/// <summary>
/// Measures a whole frozen body in images per second. Compares Graft's engines, as the extraction runs them, to
/// TorchSharp's modules for the bodies in <see cref="UserNet"/>. A body without a weight file gets random weights.
/// </summary>
internal static class PrefixBench
{
    private const int Batch = 16;
    private const int Side = 2048; // of the matrices whose product measures the processor

    public static void Run(string bodyName, Settings settings)
    {
        TorchSetup.UseThreads(0);
        string? weights = settings.Text("weights");
        bool isRandom = weights is null && NamedBodies.Find(bodyName).Name != NamedBodies.DefaultName;
        int side = (int)settings.Number("size", PyTorch.Side);
        TrainableBody body = isRandom
            ? WithRandomWeights(bodyName, side)
            : TrainableBodyLoader.Load(
                new()
                {
                    Body = bodyName,
                    InputSize = side,
                    Weights = weights,
                }
            );
        (int height, int width) = (body.Preprocessing.Height, body.Preprocessing.Width);
        OnnxModel network = Normalisation.Prepend(body.Model, body.Preprocessing);
        int pixels = 3 * height * width;
        float[] images =
        [
            .. Enumerable.Range(0, Batch * pixels).Select(i => (float)(int)(127.5 + (127 * Math.Sin(i * 0.37)))),
        ];
        bool isWritten = UserNet.Knows(bodyName);
        using UserNet? plain = isWritten ? UserNet.Of(bodyName, body.Model) : null,
            last = isWritten ? UserNet.Of(bodyName, body.Model, isChannelsLast: true) : null;
        using OnnxFrozenNetwork onnx = new(network.ToBytes(), bodyName, height, width);
        using TorchFrozenNetwork half = new(network, height, width);
        using Tensor input = AlignedTensor.Of(images, [Batch, 3, height, width]);
        using Tensor inputLast = ChannelsLast.Of(input);
        using Tensor factor = torch.rand(Side, Side, dtype: ScalarType.BFloat16);

        Rounds rounds = new(Batch);
        if (plain is not null && last is not null)
        {
            rounds.Add("(b) TorchSharp, N,C,H,W float32, batch 16", () => Infer(() => plain.call(input)));
            rounds.Add("(b) TorchSharp, channels-last float32, batch 16", () => Infer(() => last.call(inputLast)));
        }

        rounds.Add("Graft, ONNX Runtime float32", () => Extract(onnx));
        rounds.Add("Graft, libtorch bfloat16", () => Extract(half));
        rounds.Add("(a matrix product in bfloat16, 2,048 cubed, all cores)", () => Infer(() => factor.mm(factor)));
        int count = (int)settings.Number("rounds", 5);
        double[] seconds = rounds.Run(count);
        if (PyTorch.Edges.ContainsKey(bodyName) && !isRandom && height == PyTorch.Side)
        {
            PyTorch.Compare("prefix", bodyName, weights, count, Batch / seconds[0], Batch / seconds[^3..^1].Min());
        }

        long multiplyAdds = CutPoints.Find(body.Model, body.InputShape)[^1].MultiplyAddsBefore;
        double peak = Math.Pow(Side, 3) / seconds[^1];
        Console.WriteLine(
            $"{bodyName}: {multiplyAdds / 1e9:0.00} G multiply-adds per image; libtorch bfloat16 reaches "
                + $"{multiplyAdds * Batch / seconds[^2] / peak:P0} of the product's {peak / 1e9:0} G per second"
        );

        // As in the extraction: the views of an image in one batch, the images in parallel, one thread for each.
        void Extract(IFrozenNetwork prefix)
        {
            int size = prefix.Batch;
            Workers.Run(
                [.. Enumerable.Range(0, Batch / size)],
                0,
                i => prefix.Run(images.AsSpan(i * size * pixels, size * pixels).ToArray(), size),
                default,
                begin: () => torch.set_num_threads(1)
            );
            TorchSetup.UseThreads(0);
        }
    }

    // The time does not depend on the values while they neither explode nor vanish.
    private static TrainableBody WithRandomWeights(string bodyName, int side)
    {
        BodyEntry entry = NamedBodies.Find(bodyName);
        BuiltNetwork network = entry.Architecture.Build(side, classCount: 0);
        uint number = 0;
        foreach (TensorProto parameter in network.Parameters)
        {
            CountedRandom random = new(1, RandomPurpose.HeadValues, number++);
            bool isWeight = parameter.Dims.Count > 1;
            double scale = isWeight
                ? Math.Sqrt(2.0 / parameter.Dims.Skip(1).Aggregate(1L, (product, size) => product * size))
                : 0;
            float offset =
                !isWeight
                && (
                    parameter.Name.EndsWith(".weight", StringComparison.Ordinal)
                    || parameter.Name.EndsWith(".running_var", StringComparison.Ordinal)
                )
                    ? 1
                    : 0;
            WeightValues.Assign(
                parameter,
                [
                    .. Enumerable
                        .Range(0, checked((int)TensorValues.ElementCount(parameter, parameter.Name)))
                        .Select(i => offset + (float)(scale * random.Normal((uint)i))),
                ]
            );
        }

        return new(
            network.Model,
            new(network.FeatureEdge, FeatureKind.Map, "random"),
            new(entry.Name, entry.Preprocessing.ForSize(side), null, null, "")
        );
    }

    private static void Infer(Func<Tensor> work)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable mode = inference_mode();
        work();
    }
}
