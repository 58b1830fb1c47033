using System.Globalization;
using Graft.Onnx;
using Graft.Prediction;
using Graft.Training.Bodies;
using Graft.Training.Pipeline;
using Graft.Training.Run;

namespace Graft.Training.Tests.Bodies;

[Collection("torch")]
public sealed class JoinedBodyTests : IDisposable
{
    private const double Float32Noise = 1e-4;
    private readonly ToyWorld _world = new(12);
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _world.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_features_of_the_branches_stand_side_by_side_those_of_the_main_one_first()
    {
        BodySource small = Toy("small", ToyWorld.Body(), "half");
        BodySource deep = Toy("deep", ToyWorld.DeepBody(), "caffe"); // blue, green, red, with other means
        FeatureOptions options = new()
        {
            Pooling = Pooling.Average,
            Engine = Engine.OnnxRuntime,
            Cache = new() { IsOn = false },
        };
        ImageSet images = ImageSet.Load(_world.Images, cancel: TestContext.Current.CancellationToken);

        FeatureTable joined = Features(BodySource.Joined(small, deep));

        Assert.Equal(16 + 32, joined.FeatureCount);
        Assert.Equal([32, 16], joined.Groups);
        AssertNear(Features(deep).Row(7), joined.Row(7)[..32]);
        AssertNear(Features(small).Row(7), joined.Row(7)[32..]);

        FeatureTable Features(BodySource body)
        {
            using FeatureExtractor extractor = FeatureExtractor.Create(body, options);
            return extractor.Extract(images, cancel: TestContext.Current.CancellationToken);
        }

        static void AssertNear(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
        {
            Assert.Equal(expected.Length, actual.Length);
            for (int f = 0; f < expected.Length; f++)
            {
                Assert.Equal(expected[f], actual[f], Float32Noise * (1 + Math.Abs(expected[f])));
            }
        }
    }

    [Theory]
    [InlineData(Pooling.Average, 48)]
    [InlineData(Pooling.Stages, 48 + 12 + 16 + 8)]
    [InlineData(Pooling.AverageAndMax, 96)]
    public void A_joined_model_is_one_file_with_one_input_and_names_its_bodies(Pooling pooling, int features)
    {
        TrainingResult result = Train(Options with { Head = new() { Pooling = pooling } }, "run");

        OnnxModel model = OnnxModel.Load(result.ModelPath);
        ModelCard card = ModelCard.Parse(model.GetMetadata(ModelCard.MetadataKey), "model");
        Assert.Single(new OnnxGraph(model).Inputs);
        Assert.Equal(["small", "deep"], card.Bodies.Select(body => body.Name));
        Assert.Equal(
            [3L, features],
            model.Graph.Initializer.Single(w => w.Name == HeadBuilder.Prefix + "0.weight").Dims
        );
        Assert.Contains(model.Graph.Node, node => node.Output.Contains("deep/d"));
        Assert.True(result.Evaluation.Accuracy >= 0.6, $"{result.Evaluation.Accuracy}");
    }

    [Fact]
    public void A_joined_model_is_the_same_without_a_cache_and_after_its_options_were_read_again()
    {
        TrainingOptions cached = Options with { Cache = new() { Folder = _folder.Root } };
        byte[] expected = File.ReadAllBytes(Train(cached, "empty").ModelPath);

        byte[] filled = File.ReadAllBytes(Train(cached, "filled").ModelPath);
        byte[] without = File.ReadAllBytes(Train(Options, "without").ModelPath);
        TrainingOptions read = RunOptions.Read(_world.Run("without")).Options;

        Assert.True(expected.AsSpan().SequenceEqual(filled));
        Assert.True(expected.AsSpan().SequenceEqual(without));
        Assert.Equal(Options.Body, read.Body);
    }

    [Theory]
    [InlineData("deep:0.5", "deep/", Pooling.Auto)]
    [InlineData("small:0.7", "small/", Pooling.Auto)]
    [InlineData("deep/c", "deep/", Pooling.Stages)]
    public void The_tail_of_one_branch_is_trained_beside_the_held_features_of_the_other(
        string part,
        string trained,
        Pooling pooling
    )
    {
        TrainingOptions options = Options with
        {
            Head = new() { Pooling = pooling, Start = HeadStart.Probe },
            FineTune = new()
            {
                Train = TrainedPart.FromEdge(part),
                Epochs = 3,
                BodyRate = 0.01,
                Batch = 8,
            },
            Engine = Engine.OnnxRuntime,
            Cache = new() { Folder = _folder.Root },
        };

        PreparedBody prepared = PreparedBody.Load(options, options.Cache);
        CutPoint cut = prepared.CutFor(options, out _)!;
        TrainableBody joined = prepared.Branches.WithJoints(prepared.WithStages(options, cut), [cut]);
        OnnxModel whole = HeadBuilder.AppendPooling(joined.Model, joined.Boundary, Pooling.Average);
        OnnxModel plain = HeadBuilder.AppendPooling(prepared.Body.Model, prepared.Body.Boundary, Pooling.Average);
        float[] pixels = [.. Enumerable.Range(0, 2 * 3 * 32 * 32).Select(i => MathF.Sin(0.37f * i))];
        float[] expected = OnnxRun.Run(plain, pixels, [2, 3, 32, 32], HeadBuilder.Features)[0];
        float[][] found = OnnxRun.Run(whole.Clone(), pixels, [2, 3, 32, 32], HeadBuilder.Features, cut.Edge);
        OnnxModel tail = Subgraph.Tail(whole, cut.Edge, joined.InputShape);
        float[] behind = OnnxRun.Run(tail, found[1], [2, cut.ElementCount], HeadBuilder.Features)[0];
        OnnxModel removed = whole.Clone();
        BranchJoints.Remove(removed);

        Assert.StartsWith(trained, cut.Edge, StringComparison.Ordinal);
        Assert.Equal(expected, found[0]);
        Assert.Equal(expected, behind);
        Assert.Equal(expected, OnnxRun.Run(removed, pixels, [2, 3, 32, 32], HeadBuilder.Features)[0]);
        Assert.DoesNotContain(removed.Graph.Node, node => node.OpType is "Split" or "Reshape");
    }

    [Fact]
    public void A_training_of_a_branch_changes_that_branch_and_no_other_and_is_the_same_without_a_cache()
    {
        TrainingOptions options = Options with
        {
            Head = new() { Hidden = [] },
            FineTune = new()
            {
                Train = TrainedPart.FromEdge("deep:0.5"),
                Epochs = 4,
                BodyRate = 0.05,
                Batch = 8,
                Search = SettingSearch.None,
            },
            TargetAccuracy = 1,
            Engine = Engine.OnnxRuntime,
        };
        TrainingOptions cached = options with { Cache = new() { Folder = _folder.Root } };

        TrainingResult result = Train(cached, "trained");
        byte[] again = File.ReadAllBytes(Train(options, "again").ModelPath);

        Assert.True(File.ReadAllBytes(result.ModelPath).AsSpan().SequenceEqual(again));
        Assert.True(result.Evaluation.Accuracy >= 0.6, $"{result.Evaluation.Accuracy}");
    }

    [Fact]
    public void A_joined_model_cannot_be_continued()
    {
        TrainingResult first = Train(Options, "first");

        GraftException error = Assert.Throws<GraftException>(() =>
            Train(new() { ContinueFrom = first.ModelPath }, "second")
        );

        Assert.Contains("joined bodies", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bodies_of_the_catalogue_see_the_largest_size_of_their_pretraining()
    {
        BodySource joined = BodySource.Joined(BodySource.Named("lite0"), BodySource.Named("lite2"));

        BodyPlan plan = BodyPlan.Of(joined, new());

        // without weights at hand only the plans are looked at
        Assert.Equal("lite0+lite2", joined.Text);
        Assert.Equal(["lite0", "lite2"], plan.Branches.Select(branch => branch.Body));
        Assert.Equal("tf_efficientnet_lite2", NamedBodies.Find(plan.Branches[1].Body).Name);
    }

    [Fact]
    public void Branches_that_do_not_fit_are_refused_by_name()
    {
        OnnxModel large = ToyWorld.DeepBody();
        large.Graph.Input[0] = EdgeDeclaration.Create("x", [3, 48, 48]);
        OnnxModel grey = ToyWorld.DeepBody();
        TensorProto kernel = grey.Graph.Initializer[0]; // 12 x 3 x 3 x 3
        grey.Graph.Initializer[0] = TensorValues.FromSingles(
            kernel.Name,
            [12, 1, 3, 3],
            TensorValues.ToSingles(kernel).AsSpan(0, 12 * 9)
        );
        grey.Graph.Input[0] = EdgeDeclaration.Create("x", [1, 32, 32]);
        OnnxModel old = ToyWorld.DeepBody();
        old.Proto.OpsetImport[0].Version = 13;
        BodySource small = Toy("small", ToyWorld.Body());

        Assert.Contains("'large' takes 48 x 48", Refusal(Toy("large", large)), StringComparison.Ordinal);
        Assert.Contains("'grey' takes grey images", Refusal(Toy("grey", grey)), StringComparison.Ordinal);
        Assert.Contains("operator sets", Refusal(Toy("old", old)), StringComparison.Ordinal);
        Assert.Contains("called 'small'", Refusal(small), StringComparison.Ordinal);
        File.WriteAllBytes(Path.Combine(_folder.Root, "broken.onnx"), [1, 2, 3]);
        Assert.Contains(
            "broken.onnx",
            Refusal(BodySource.OnnxFile(Path.Combine(_folder.Root, "broken.onnx"))),
            StringComparison.Ordinal
        );

        string Refusal(BodySource other) =>
            Assert
                .ThrowsAny<GraftException>(() =>
                    TrainableBodyLoader.Load(BodyPlan.Of(BodySource.Joined(small, other), new()))
                )
                .Message;
    }

    [Fact]
    public void What_joined_bodies_cannot_do_is_refused()
    {
        GraftException branch = Assert.Throws<GraftException>(() =>
            Train(
                Options with
                {
                    FineTune = new() { Epochs = 2, Train = TrainedPart.FromEdge("other:0.5") },
                },
                "trained"
            )
        );
        GraftException flat = Assert.Throws<GraftException>(() =>
            Train(Options with { Head = new() { Pooling = Pooling.Flatten } }, "flat")
        );
        OptionsException weights = Assert.Throws<OptionsException>(() =>
            (Options with { Body = Options.Body with { Weights = "w.pth" } }).Validate()
        );

        Assert.Contains("write deep:0.5", branch.Message, StringComparison.Ordinal);
        Assert.Contains("flattened", flat.Message, StringComparison.Ordinal);
        Assert.Contains("one of the joined bodies", weights.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_world.Run("trained")));
    }

    private TrainingOptions Options =>
        new()
        {
            Body = BodySource.Joined(
                Toy("small", ToyWorld.Body(), "half"),
                Toy("deep", ToyWorld.DeepBody(), "imagenet")
            ),
            Views = 1,
            FineTune = new() { Epochs = 0 },
            HeadTraining = new() { Epochs = 0 },
            Cache = new() { IsOn = false },
        };

    private BodySource Toy(string name, OnnxModel model, string? transform = null)
    {
        string path = Path.Combine(_folder.Root, string.Create(CultureInfo.InvariantCulture, $"{name}.onnx"));
        model.Save(path);
        return BodySource.OnnxFile(path) with { InputTransform = transform };
    }

    private TrainingResult Train(TrainingOptions options, string run) =>
        Trainer.Train(_world.Images, _world.Run(run), options, cancel: TestContext.Current.CancellationToken);
}
