using System.Text.Json;
using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Torch;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Plans;
using Graft.Training.Probe;
using Graft.Training.Tests.Bodies;
using NetVips;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Tests.Probe;

[Collection("torch")]
public sealed class FeatureTrialTests : IDisposable
{
    private const double Float32Noise = 1e-5;
    private const int Side = 32;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Pooling.Average, 16)]
    [InlineData(Pooling.AverageAndMax, 32)]
    [InlineData(Pooling.Stages, 24)]
    [InlineData(Pooling.Flatten, 1024)]
    [InlineData(Pooling.Auto, 40)]
    public void Every_pooling_has_the_same_values_in_both_engines(Pooling pooling, int features)
    {
        OnnxModel pooled = HeadBuilder.AppendPooling(
            Body(),
            new FeatureBoundary("b", FeatureKind.Map, "") { StageEdges = ["a"] },
            pooling
        );
        float[] pixels = [.. Enumerable.Range(0, 2 * 3 * Side * Side).Select(i => MathF.Sin(0.37f * i))];

        float[] expected = OnnxRun.Run(pooled.Clone(), pixels, [2, 3, Side, Side], HeadBuilder.Features)[0];
        using DisposeScope scope = NewDisposeScope();
        using TorchGraph graph = new(pooled);
        float[] actual = graph
            .Run(new Dictionary<string, Tensor> { ["x"] = tensor(pixels).view(2, 3, Side, Side) })[HeadBuilder.Features]
            .data<float>()
            .ToArray();

        Assert.Equal(2 * features, expected.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, Float32Noise));
    }

    [Fact]
    public void The_columns_are_the_named_ones()
    {
        FeatureLayout layout = new(Averages: [2], OfStages: [1, 1], Largest: [2]);
        float[] row = [10, 11, 20, 21, 30, 31];

        Assert.Equal([10, 11], Used(Pooling.Average));
        Assert.Equal([10, 11, 20, 21], Used(Pooling.Stages));
        Assert.Equal([10, 11, 30, 31], Used(Pooling.AverageAndMax));
        Assert.Null(FeatureLayout.Of(2).ColumnsOf(Pooling.AverageAndMax));

        float[] Used(Pooling pooling)
        {
            FeatureColumns columns = layout.ColumnsOf(pooling)!;
            float[] used = new float[columns.Count];
            columns.Copy(row, used);
            return used;
        }
    }

    [Fact]
    public void Each_stage_is_a_group_of_its_own_and_a_maps_averages_and_largest_values_are_one()
    {
        FeatureLayout layout = new(Averages: [2], OfStages: [3, 1], Largest: [2]);

        Assert.Equal([2, 3, 1], layout.ColumnsOf(Pooling.Stages)!.Groups);
        Assert.Equal([4], layout.ColumnsOf(Pooling.AverageAndMax)!.Groups);
        Assert.Equal([2, 3, 1, 2], layout.All.Groups);
    }

    [Fact]
    public void A_body_that_ends_in_max_pooling_is_also_tried_flattened()
    {
        TrainingOptions options = WriteSpots(imagesAClass: 16);
        TrainingResult result = Trainer.Train(
            Path.Combine(_folder.Root, "images"),
            Path.Combine(_folder.Root, "run"),
            options,
            cancel: TestContext.Current.CancellationToken
        );

        using JsonDocument json = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(result.RunFolder, "evaluation.json"))
        );
        string[] chosen =
        [
            .. json
                .RootElement.GetProperty("trials")[0]
                .GetProperty("tried")
                .EnumerateArray()
                .Where(one => one.GetProperty("isChosen").GetBoolean())
                .Select(one => one.GetProperty("choice").GetString()!),
        ];
        Assert.Equal(["256 values of the last map, without views"], chosen);
        Assert.Equal(
            [3L, 256],
            OnnxModel
                .Load(result.ModelPath)
                .Graph.Initializer.Single(w => w.Name == HeadBuilder.Prefix + "0.weight")
                .Dims
        );
        Assert.True(result.Evaluation.Accuracy >= 0.9, $"{result.Evaluation.Accuracy}");
    }

    [Fact]
    public void Features_that_lose_are_fitted_on_all_images_only_on_demand()
    {
        // seven of a class: they are the hold-out
        TrainingOptions options = WriteSpots(imagesAClass: 36) with { ValidationShare = 0.2 };
        CancellationToken cancel = TestContext.Current.CancellationToken;
        TrainingData data = TrainingData.Read(
            Path.Combine(_folder.Root, "images"),
            DataPlan.Of(options),
            new Silence<TrainingEvent>(),
            cancel
        );
        TrainableBody body = TrainableBodyLoader.Load(options.ToBodyPlan());
        using ExtractedFeatures extraction = ExtractedFeatures.Extract(
            body,
            ExtractionPlans.Of(options, body.Model, [], 1, data.Train.Count) with
            {
                Pooling = Pooling.Auto,
            },
            data,
            null,
            new Silence<TrainingEvent>(),
            cancel
        );

        ProbePlan plan = ProbePlans.Of(options);
        Probes probes = ProbePhase.Run(body, extraction.All, data, ValidationScheme.Of(data, plan), plan, cancel);

        Assert.InRange(probes.Best.TrainingFit.Layer.FeatureCount, 17, 256);
        Assert.True(probes.Best.LazyFinalFit.IsValueCreated);
        Assert.Equal(16, probes.Plain.TrainingFit.Layer.FeatureCount);
        Assert.False(probes.Plain.LazyFinalFit.IsValueCreated);
        Assert.Equal(probes.Plain.TrainingFit.InverseL2, probes.Plain.FinalFit.InverseL2);
        // it was fitted on the validation images too
        Assert.NotEqual(probes.Plain.TrainingFit.Layer.Weight, probes.Plain.FinalFit.Layer.Weight);
    }

    // Three classes that differ in the height of a spot, and a body whose averages do not show it.
    private TrainingOptions WriteSpots(int imagesAClass)
    {
        OnnxModel body = Body();
        body.Graph.Node.Add(
            new NodeProto
            {
                OpType = "MaxPool",
                Input = { "b" },
                Output = { "map" },
            }
                .WithAttribute("kernel_shape", 2, 2)
                .WithAttribute("strides", 2, 2)
        );
        body.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Flatten",
                Input = { "map" },
                Output = { "flat" },
            }
        );
        body.Graph.Initializer.Add(TensorValues.FromSingles("fc", [5, 256], new float[5 * 256]));
        body.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Gemm",
                Input = { "flat", "fc" },
                Output = { "y" },
            }.WithAttribute("transB", 1)
        );
        body.Graph.Output.Clear();
        body.Graph.Output.Add(EdgeDeclaration.Create("y", [5]));
        body.Save(Path.Combine(_folder.Root, "body.onnx"));
        foreach ((string name, int row) in new[] { ("bottom", 20), ("middle", 12), ("top", 4) })
        {
            for (int i = 0; i < imagesAClass; i++)
            {
                _folder.Write(
                    $"images/{name}/{i}.png",
                    Spot(row, new CountedRandom(5, RandomPurpose.View, (uint)row, (ulong)i))
                );
            }
        }

        return new()
        {
            Body = BodySource.OnnxFile(Path.Combine(_folder.Root, "body.onnx")),
            Views = 1,
            FineTune = new() { Epochs = 0 },
            HeadTraining = new() { Epochs = 0 },
        };
    }

    // x → conv 8 → relu → conv 16 → relu, 16 x 8 x 8.
    private static OnnxModel Body() => Subgraph.Prefix(ToyWorld.Body(), "b");

    // A bright spot at a given height, anywhere across.
    private static byte[] Spot(int row, CountedRandom random)
    {
        byte[] pixels = new byte[Side * Side * 3];
        // by whole strides and off the border: the averages do not change
        int column = 4 + (4 * random.Below(5, 0));
        for (int i = 0; i < Side * Side; i++)
        {
            bool isSpot = i / Side >= row && i / Side < row + 8 && i % Side >= column && i % Side < column + 8;
            Array.Fill(pixels, (byte)((isSpot ? 200 : 60) + random.Below(40, (uint)i + 1)), 3 * i, 3);
        }

        using Image image = Image.NewFromMemory(pixels, Side, Side, 3, Enums.BandFormat.Uchar);
        return image.WriteToBuffer(".png");
    }
}
