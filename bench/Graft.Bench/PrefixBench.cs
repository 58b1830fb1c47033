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
/// Images a second through a whole frozen body: Graft's engines, as the extraction runs them, against modules of
/// TorchSharp where they are written (<see cref="UserNet"/>). A body whose weights are not there has drawn ones.
/// </summary>
internal static class PrefixBench
{
    private const int Batch = 16;
    private const int Side = 2048; // of the product that measures the processor

    public static void Run(string bodyName, Settings settings)
    {
        TorchSetup.UseThreads(0);
        string? weights = settings.Text("weights");
        bool isDrawn = weights is null && NamedBodies.Find(bodyName).Name != NamedBodies.DefaultName;
        int side = (int)settings.Number("size", PyTorch.Side);
        TrainableBody body = isDrawn
            ? Drawn(bodyName, side)
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
        rounds.Add("(a matrix product in bfloat16, 2,048 cubed, on all cores)", () => Infer(() => factor.mm(factor)));
        int count = (int)settings.Number("rounds", 5);
        double[] seconds = rounds.Run(count);
        if (PyTorch.Edges.ContainsKey(bodyName) && !isDrawn && height == PyTorch.Side)
        {
            PyTorch.Compare("prefix", bodyName, weights, count, Batch / seconds[0], Batch / seconds[^3..^1].Min());
        }

        long multiplyAdds = CutPoints.Find(body.Model, body.InputShape)[^1].MultiplyAddsBefore;
        double peak = Math.Pow(Side, 3) / seconds[^1];
        Console.WriteLine(
            $"{bodyName}: {multiplyAdds / 1e9:0.00} G multiply-adds an image; libtorch bfloat16 at {multiplyAdds * Batch / seconds[^2] / peak:P0} of the product's {peak / 1e9:0} G a second"
        );

        // As the extraction does: views of an image together, images side by side, a thread each.
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

    // No time depends on the values, as long as they neither grow nor vanish from layer to layer.
    private static TrainableBody Drawn(string bodyName, int side)
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
            new(network.FeatureEdge, FeatureKind.Map, "drawn"),
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
