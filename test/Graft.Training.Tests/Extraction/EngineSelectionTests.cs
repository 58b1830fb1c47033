using System.Text.Json;
using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Plans;

namespace Graft.Training.Tests.Extraction;

[Collection("torch")]
public sealed class EngineSelectionTests
{
    private const int Side = 96;

    [Fact]
    public void Both_engines_give_the_same_features_except_for_rounding_to_bfloat16()
    {
        OnnxModel network = Network();
        float[] pixels = Pixels(2);
        using OnnxFrozenNetwork onnx = new(network.ToBytes(), "test", Side, Side);
        using TorchFrozenNetwork torch = new(network, Side, Side);

        float[] single = onnx.Run(pixels, 2)[0],
            half = torch.Run(pixels, 2)[0];

        Assert.Equal(single.Length, half.Length);
        double product = single.Zip(half).Sum(pair => (double)pair.First * pair.Second);
        double cosine = product / Math.Sqrt(single.Sum(x => (double)x * x) * half.Sum(x => (double)x * x));
        Assert.InRange(cosine, 0.999, 0.9999999); // not the same: the second is bfloat16
    }

    [Fact]
    public void An_image_has_the_same_bits_in_any_batch_and_on_any_thread()
    {
        OnnxModel network = Network();
        float[] pixels = Pixels(5);
        int one = pixels.Length / 5;
        using TorchFrozenNetwork prefix = new(network, Side, Side);
        float[] all = prefix.Run(pixels, 5)[0];
        float[]?[] found = new float[20][];

        Workers.Run(
            [.. Enumerable.Range(0, found.Length)],
            threads: 4,
            i => found[i] = prefix.Run(pixels.AsSpan(i % 5 * one, one).ToArray(), 1)[0],
            CancellationToken.None
        );

        for (int i = 0; i < found.Length; i++)
        {
            Assert.Equal(all.AsSpan(i % 5 * found[i]!.Length, found[i]!.Length).ToArray(), found[i]);
        }
    }

    [Fact]
    public void Their_values_have_different_cache_keys() =>
        Assert.NotEqual(EngineSelection.Fingerprint(Engine.OnnxRuntime), EngineSelection.Fingerprint(Engine.Torch));

    [Theory]
    [InlineData("tf_efficientnet_lite0", true)]
    [InlineData("efficientnet_b0", true)] // with squeeze-and-excitation
    [InlineData("mobilenet_v1_025", true)]
    [InlineData("mobilenet_v3_small", true)]
    [InlineData("mnasnet0_5", true)]
    [InlineData("shufflenet_v2_x0_5", true)]
    [InlineData("convnext_tiny", false)] // nearly all of its work is matrix products
    [InlineData("resnet18", false)]
    [InlineData("resnext50_32x4d", false)] // groups of 4 and more channels
    [InlineData("regnet_y_400mf", false)]
    [InlineData("squeezenet1_1", false)]
    [InlineData("densenet121", false)]
    [InlineData("vgg11", false)]
    public void A_network_is_depthwise_if_most_of_its_larger_convolutions_are(string body, bool expected) =>
        Assert.Equal(
            expected,
            EngineSelection.IsDepthwise(NamedBodies.Find(body).Architecture.Build(64, classCount: 0).Model)
        );

    [Theory]
    [InlineData(false, null, Engine.Torch)]
    [InlineData(true, null, Engine.Mixed)]
    [InlineData(true, Engine.Torch, Engine.Torch)]
    [InlineData(false, Engine.Mixed, Engine.Mixed)]
    public void The_run_records_the_requested_engine_or_the_one_that_suits_the_body(
        bool isDepthwise,
        object? asked,
        Engine expected
    )
    {
        using ToyWorld world = new(6, body: isDepthwise ? ToyWorld.DepthwiseBody() : null);
        string run = world.Run("run");

        Trainer.Train(
            world.Images,
            run,
            world.Options with
            {
                Engine = (Engine?)asked,
                FineTune = new()
                {
                    Train = ToyWorld.TrainedPart,
                    Epochs = 1,
                    Batch = 8,
                },
            },
            cancel: TestContext.Current.CancellationToken
        );

        Engine known = asked is not null || Processor.IsBFloat16Fast ? expected : Engine.OnnxRuntime;
        Assert.Contains(
            $"\"engine\": \"{JsonNamingPolicy.CamelCase.ConvertName($"{known}")}\"",
            File.ReadAllText(Path.Combine(run, "options.json")),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Mixed_computes_frozen_layers_like_onnx_runtime_and_stores_them_like_torch()
    {
        using ToyWorld world = new(3);
        TrainingData data = TrainingData.Read(
            world.Images,
            DataPlan.Of(world.Options),
            new Silence<TrainingEvent>(),
            TestContext.Current.CancellationToken
        );
        TrainableBody body = TrainableBodyLoader.Load(world.Options.ToBodyPlan());
        CutPoint[] cuts = [.. CutPoints.Find(body.Model, body.InputShape).Where(cut => cut.Edge == "a")];

        using ExtractedFeatures mixed = Extract(Engine.Mixed),
            single = Extract(Engine.OnnxRuntime);

        int[] rows = [.. data.Everything.Select(image => mixed.All.FirstRows[image.Name])];
        Assert.NotEmpty(rows);
        Assert.Equal(single.All.Gather(rows), mixed.All.Gather(rows));
        Assert.Equal(
            (TorchSharp.torch.ScalarType.BFloat16, TorchSharp.torch.ScalarType.Float32),
            (TypeOf(mixed.All), TypeOf(single.All))
        );

        ExtractedFeatures Extract(Engine engine) =>
            ExtractedFeatures.Extract(
                body,
                ExtractionPlans.Of(world.Options with { Engine = engine }, body.Model, cuts, 0, data.Train.Count) with
                {
                    Pooling = Pooling.Average,
                },
                data,
                null,
                new Silence<TrainingEvent>(),
                TestContext.Current.CancellationToken
            );

        TorchSharp.torch.ScalarType TypeOf(FeatureView extraction)
        {
            using TorchSharp.torch.Tensor batch = extraction.At(cuts[0]).Load(rows);
            return batch.dtype;
        }
    }

    [Fact]
    public void Operators_that_TorchGraph_does_not_know_run_in_onnx_runtime()
    {
        OnnxModel network = Network();
        Assert.Equal(Engine.Torch, EngineSelection.For(network, Engine.Torch));
        network.Graph.Node[^1].OpType = "NonMaxSuppression";
        Assert.Equal(Engine.OnnxRuntime, EngineSelection.For(network, Engine.Torch));
    }

    [Fact]
    public void An_exception_of_one_worker_is_rethrown_and_ends_the_others()
    {
        int done = 0;
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() =>
            Workers.Run(
                [.. Enumerable.Range(0, 1000)],
                3,
                i =>
                {
                    Interlocked.Increment(ref done);
                    if (i == 5)
                    {
                        throw new InvalidOperationException("five");
                    }

                    Thread.Sleep(1);
                },
                CancellationToken.None
            )
        );
        Assert.Equal("five", error.Message);
        Assert.InRange(done, 6, 999);
    }

    // The embedded body on small images, pooled.
    private static OnnxModel Network()
    {
        TrainableBody body = TrainableBodyLoader.Load(new TrainingOptions().ToBodyPlan());
        OnnxModel pooled = HeadBuilder.AppendPooling(body.Model, body.Boundary, Pooling.Average);
        return Normalisation.Prepend(pooled, body.Preprocessing with { Height = Side, Width = Side });
    }

    private static float[] Pixels(int count) =>
        [
            .. Enumerable
                .Range(0, count * 3 * Side * Side)
                .Select(i => (float)(int)(127.5 + (127 * Math.Sin(i * 0.013 * (1 + (i / (3 * Side * Side))))))),
        ];
}
