using Graft.Conformance;
using Graft.Imaging;
using Graft.Onnx;
using Graft.Torch;
using Graft.Training.Bodies;
using Graft.Training.Extraction;
using Graft.Training.FineTuning;
using Graft.Training.Release;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Tests.Bodies;

/// <summary>
/// Tests foreign networks as bodies: exports of PyTorch's two exporters, and the ONNX project's light models of 2017.
/// </summary>
[Collection("torch")]
public sealed class ForeignGoldenTests
{
    /// <summary>Tolerance as a share of the largest output: float32 sums in another order.</summary>
    private const double Relative = 1e-3;

    /// <summary>Tolerance of a probability, as in the parity check of an export.</summary>
    private const double Probability = 1e-3;

    private const int Classes = 3;

    // torchvision's 25,557,032 parameters plus 2 x 26,560 running statistics, which are weights of the file.
    private const long ResNet50Values = 25_557_032 + (2 * 26_560);

    public static TheoryData<string> Networks =>
        new(
            "onnx/mnasnet0_5",
            "onnx/shufflenet_v2_x0_5",
            "onnx/squeezenet1_1",
            "onnx/test_byobnet",
            "onnx/test_convnext",
            "onnx/test_efficientnet",
            "onnx/test_resnet",
            "onnx/test_vit",
            "onnx_light/light_bvlc_alexnet",
            "onnx_light/light_densenet121",
            "onnx_light/light_resnet50",
            "onnx_light/light_squeezenet",
            "onnx_light/light_vgg19"
        );

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_foreign_network_is_cut_at_three_points_trained_exported_and_reloaded(string name)
    {
        ForeignBody body = ForeignBody.Read(
            SharedData.Find($"golden/{name}.onnx"),
            features: null,
            InputTransform.Parse("imagenet")
        );
        OnnxModel whole = body.Network.Model;
        IReadOnlyList<CutPoint> cuts = Three(CutPoints.Find(body.Model, body.InputShape));
        float[] images = Images(2, body.InputShape);
        float[] expected = Run(whole, null, images, body.InputShape)[0].Singles!;

        foreach (CutPoint cut in cuts)
        {
            AssertClose(expected, PrefixAndTail(whole, cut.Edge, images, body.InputShape), $"{name} at {cut.Edge}");
        }

        FineTuned(body, cuts[^1].Edge, images);
    }

    [Fact]
    public void A_vision_transformer_ends_before_its_last_layer_and_its_last_blocks_are_trainable()
    {
        ForeignBody body = ForeignBody.Read(
            SharedData.Find("golden/onnx/test_vit.onnx"),
            features: null,
            InputTransform.Parse("half")
        );

        IReadOnlyList<CutPoint> cuts = CutPoints.Find(body.Model, body.InputShape);
        CutPoint cut = CutSelector.Choose(cuts, TrainedPart.LastShare(0.5));

        Assert.Equal(FeatureKind.Vector, body.Boundary.Kind);
        Assert.Single(cuts[^1].Shape); // the features are a vector
        Assert.Equal(2, cut.Shape.Count); // tokens x width
        Assert.InRange(cut.ShareAfter, 0.15, 0.5);
        FineTuned(body, cut.Edge, Images(2, body.InputShape));
    }

    [Fact]
    public void A_vision_transformer_goes_through_the_whole_training()
    {
        using ToyWorld world = new();
        TrainingOptions options = world.Options with
        {
            Body = BodySource.OnnxFile(SharedData.Find("golden/onnx/test_vit.onnx")!) with { InputTransform = "half" },
            Views = 0,
            FineTune = new()
            {
                Train = ToyWorld.TrainedPart,
                Epochs = 1,
                BodyRate = 1e-3,
                Batch = 16,
            },
        };

        TrainingResult result = Trainer.Train(
            world.Images,
            world.Run("vit"),
            options,
            progress: null,
            TestContext.Current.CancellationToken
        );

        Assert.True(File.Exists(Path.Combine(world.Run("vit"), "model.onnx")));
        Assert.Contains(
            "fine-tune",
            File.ReadAllText(Path.Combine(world.Run("vit"), "log.jsonl")),
            StringComparison.Ordinal
        );
        Assert.NotNull(result);
    }

    [Fact]
    public void Weights_made_by_nodes_count_as_parameters()
    {
        ForeignBody body = ForeignBody.Read(
            SharedData.Find("golden/onnx_light/light_resnet50.onnx"),
            features: null,
            InputTransform.Parse("imagenet")
        );

        IReadOnlyList<CutPoint> cuts = CutPoints.Find(body.Network.Model, body.InputShape);

        Assert.Equal(ResNet50Values, cuts[^1].ParametersBefore);
    }

    // Three inner cut points, spread over the cost.
    private static CutPoint[] Three(IReadOnlyList<CutPoint> cuts)
    {
        List<CutPoint> inner = [.. cuts.Skip(1).SkipLast(1)];
        return [.. new[] { 0.75, 0.5, 0.2 }.Select(share => inner.MinBy(cut => Math.Abs(cut.ShareAfter - share))!)];
    }

    // Trains the tail for a few steps on random images, exports the network, and compares the reloaded file with the
    // trained network.
    private static void FineTuned(ForeignBody body, string edge, float[] images)
    {
        TrainableBody trainable = new(
            body.Model,
            body.Boundary,
            new Graft.Training.Bodies.BodyDescription("foreign", body.Preprocessing, null, null, body.Sha256)
        );
        (OnnxModel network, double scale) = WithHead(trainable, images);
        OnnxOutput activations = Run(network, edge, images, body.InputShape)[0];
        float[] before = Tail(network, edge, activations, body.InputShape);
        LabelledActivations rows = new(new FixedRows(activations), [0, 1], [0, 2], 1);
        EpochLoopPlan plan = new()
        {
            Name = "fine-tune",
            Epochs = 3,
            StopAfter = 3,
            Optimizer = OptimizerKind.Sgd,
            HeadRate = 1e-3 / (scale * scale),
            BodyRate = 1e-4,
            Batch = 2,
            WeightDecay = 0,
            Seed = 1,
        };

        TailTrainer.Run(
            network,
            edge,
            body.InputShape,
            plan,
            rows,
            rows with
            {
                FirstRows = [],
                Labels = [],
            },
            new Silence<TrainingEvent>(),
            TestContext.Current.CancellationToken
        );

        float[] after = Tail(network, edge, activations, body.InputShape);
        Assert.NotEqual(before, after);
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Root, "model.onnx");
        ModelExport.Build(network, body.Preprocessing, temperature: 1, Classes).Save(path);
        float[] pixels = ToPixels(images, body.Preprocessing, body.InputShape);
        float[] shipped = Run(OnnxModel.Load(path), null, pixels, body.InputShape)[0].Singles!;
        float[] trained = Softmax(after);
        Assert.All(shipped.Zip(trained), pair => Assert.Equal(pair.First, pair.Second, Probability));
    }

    // All weights of a light model are equal, and its features reach 1e9. The head is scaled to them, like that of a
    // probe.
    private static (OnnxModel Network, double Scale) WithHead(TrainableBody body, float[] images)
    {
        OnnxModel model = HeadBuilder.AppendPooling(body.Model, body.Boundary, Pooling.Average);
        OnnxOutput features = Run(model, null, images, body.InputShape)[0];
        LinearLayer layer = RandomLayer.Of(Classes, (int)features.Shape[1], seed: 1, layer: 0);
        double scale = Math.Max(1, features.Singles!.Max(Math.Abs));
        HeadBuilder.AppendLayers(
            model,
            [layer with { Weight = Array.ConvertAll(layer.Weight, w => w / scale) }],
            dropout: 0
        );
        return (model, scale);
    }

    private static float[] PrefixAndTail(OnnxModel whole, string edge, float[] images, long[] shape) =>
        Tail(whole, edge, Run(whole, edge, images, shape)[0], shape);

    private static float[] Tail(OnnxModel whole, string edge, OnnxOutput activations, long[] shape)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = inference_mode();

        // OnnxCases.Light in Graft.Conformance says why light models need the plain layout.
        using TorchGraph tail = new(Subgraph.Tail(whole, edge, shape), new TorchGraphOptions { ChannelsLast = false });
        Tensor output = tail.Forward(tensor(activations.Singles!).view(activations.Shape));
        return [.. output.contiguous().data<float>()];
    }

    private static IReadOnlyList<OnnxOutput> Run(OnnxModel model, string? edge, float[] images, long[] shape)
    {
        using Graft.Onnx.OnnxSession network = new(edge is null ? model : Subgraph.Prefix(model, edge), "test");
        return network.Run(images, [images.Length / shape.Aggregate(1L, (product, d) => product * d), .. shape]);
    }

    private static float[] Images(int count, long[] shape) => FillingRule.Input([count, .. shape]);

    // The pixels from which the exported file's normalisation computes the images.
    private static float[] ToPixels(float[] images, Preprocessing preprocessing, long[] shape)
    {
        int plane = (int)(shape[1] * shape[2]);
        float[] mean = [preprocessing.Mean.Red, preprocessing.Mean.Green, preprocessing.Mean.Blue];
        float[] deviation = [preprocessing.Deviation.Red, preprocessing.Deviation.Green, preprocessing.Deviation.Blue];
        return [.. images.Select((x, i) => (x * deviation[i / plane % 3]) + mean[i / plane % 3])];
    }

    private static float[] Softmax(float[] logits) =>
        [
            .. logits
                .Chunk(Classes)
                .SelectMany(row =>
                {
                    double[] powers = Array.ConvertAll(row, l => Math.Exp(l - row.Max()));
                    return powers.Select(p => (float)(p / powers.Sum()));
                }),
        ];

    private static void AssertClose(float[] expected, float[] actual, string what)
    {
        double size = expected.Max(Math.Abs);
        double difference = expected.Zip(actual, (a, b) => Math.Abs((double)a - b)).Max();
        Assert.True(
            expected.Length == actual.Length && difference <= Relative * size,
            $"{what}: {difference} of {size}"
        );
    }

    private sealed class FixedRows(OnnxOutput activations) : IActivationSource
    {
        public Tensor Load(ReadOnlySpan<int> rows)
        {
            using DisposeScope scope = NewDisposeScope();
            long[] chosen = [.. rows.ToArray().Select(row => (long)row)];
            return tensor(activations.Singles!)
                .view(activations.Shape)
                .index_select(0, tensor(chosen))
                .MoveToOuterDisposeScope();
        }
    }
}
