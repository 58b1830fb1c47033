using Graft.Onnx;
using Graft.Torch;
using Graft.Training.Bodies;
using Graft.Training.Extraction;
using Graft.Training.FineTuning;
using Graft.Training.Release;
using Graft.Training.Run;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Tests.FineTuning;

[Collection("torch")]
public sealed class CoTuningTests : IDisposable
{
    private const double Float32Noise = 1e-5;
    private const string Cut = "a";
    private static readonly long[] s_input = [3, 32, 32];
    private static readonly EpochLoopPlan s_plan = new()
    {
        Name = "fine-tune",
        Epochs = 2,
        StopAfter = 2,
        Optimizer = OptimizerKind.Sgd,
        HeadRate = 0.1,
        BodyRate = 0.1,
        Batch = 4,
        WeightDecay = 0,
        Seed = 5,
        LabelSmoothing = 0.1,
    };
    private readonly ToyWorld _world = new();

    private TrainingOptions Options =>
        _world.Options with
        {
            Threads = 2,
            FineTune = new()
            {
                Train = ToyWorld.TrainedPart,
                Epochs = 6,
                BodyRate = 0.02,
                Batch = 8,
                CoTuning = 2.3,
            },
        };

    public void Dispose() => _world.Dispose();

    [Fact]
    public void The_relation_is_the_mean_of_the_old_probabilities_over_the_images_of_a_class()
    {
        // 0.8 0.1 0.1, thirds, 0.2 0.2 0.6
        double[] logits = [Math.Log(8), Math.Log(1), Math.Log(1), 0, 0, 0, Math.Log(2), Math.Log(2), Math.Log(6)];

        float[] relation = ClassRelation.Of(logits, [1, 0, 1], 3);

        float[] expected = [1 / 3f, 1 / 3f, 1 / 3f, 0.5f, 0.15f, 0.35f, 0, 0, 0]; // the third class has no images
        Assert.All(expected.Zip(relation), pair => Assert.Equal(pair.First, pair.Second, Float32Noise));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_loss_adds_the_old_classes_times_the_factor_to_the_new_ones(bool isWeighted)
    {
        using DisposeScope scope = NewDisposeScope();
        double[] weights = isWeighted ? [1.5, 0.5] : [1, 1];
        EpochLoopPlan plan = s_plan with { CoTuning = new(2, OldHeadOf(ToyWorld.Body())) };
        Tensor fresh = tensor((float[])[0, MathF.Log(3), MathF.Log(4), 0]).view(2, 2); // 0.25 0.75, 0.8 0.2
        // 0.25 0.25 0.5, 0.7 0.2 0.1
        Tensor old = tensor((float[])[0, 0, MathF.Log(2), MathF.Log(7), MathF.Log(2), 0]).view(2, 3);
        Tensor relation = tensor((float[])[0.6f, 0.4f, 0, 0, 0.1f, 0.9f]).view(2, 3);

        (Tensor total, Tensor own) = new TailLoss(plan, relation).Of(
            [fresh, old],
            tensor((long[])[1, 0]),
            isWeighted ? tensor((float[])[1.5f, 0.5f]) : null
        );

        double first = -(0.95 * Math.Log(0.75)) - (0.05 * Math.Log(0.25));
        double second = -(0.95 * Math.Log(0.8)) - (0.05 * Math.Log(0.2));
        double firstOld = -(0.1 * Math.Log(0.25)) - (0.9 * Math.Log(0.5));
        double secondOld = -(0.6 * Math.Log(0.7)) - (0.4 * Math.Log(0.2));
        double ofNew = ((weights[0] * first) + (weights[1] * second)) / 2;
        Assert.Equal(ofNew, SafeScalar.ReadNumber(own), Float32Noise);
        Assert.Equal(
            ofNew + (2 * ((weights[0] * firstOld) + (weights[1] * secondOld)) / 2),
            SafeScalar.ReadNumber(total),
            Float32Noise
        );
    }

    // A head of zeros sends no gradient into the body: its gradient comes from the old classes.
    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 1)]
    [InlineData(true, 3)]
    public void The_old_head_moves_the_body_before_the_new_one_can(bool isCoTuned, int pieces)
    {
        using DisposeScope scope = NewDisposeScope();
        (float[] whole, double wholeLoss) = BodyGradient(isCoTuned, 1);
        (float[] gradient, double loss) = BodyGradient(isCoTuned, pieces);

        Assert.Equal(isCoTuned, gradient.Any(value => Math.Abs(value) > 1e-4));
        Assert.Equal(wholeLoss, loss, Float32Noise);
        Assert.Equal(Math.Log(3), loss, Float32Noise); // the loss of guessing, of the new classes alone
        Assert.All(whole.Zip(gradient), pair => Assert.Equal(pair.First, pair.Second, Float32Noise));
    }

    [Fact]
    public void The_exported_model_has_the_new_classes_only_and_no_part_of_the_old_head()
    {
        TrainableBody body = BodyOf(ToyWorld.Body());
        OnnxModel network = Start(body);
        OnnxModel plain = network.Clone();
        string[] names = [.. Names(network)];

        float[] logits = Train(network, s_plan with { CoTuning = new(2.3, body.PretrainedHead!) });
        Train(plain, s_plan);
        OnnxModel exported = ModelExport.Build(network, body.Preprocessing, 1, 3);

        Assert.Equal(names, Names(network));
        Assert.Equal(12 * 3, logits.Length);
        Assert.NotEqual(
            TensorValues.ToSingles(Weight(plain, "b.weight")),
            TensorValues.ToSingles(Weight(network, "b.weight"))
        );
        Assert.DoesNotContain(Names(exported), name => name == "fc.weight" || PretrainedHead.Owns(name));
        // the toy body's old classes
        Assert.DoesNotContain(exported.Graph.Initializer, weight => weight.Dims.Contains(10));
        Assert.Equal(3, Assert.Single(exported.Graph.Output).Type.TensorType.Shape.Dim[1].DimValue);
    }

    // The relation depends on the pretrained weights, not on those in the checkpoint.
    [Fact]
    public void A_stopped_phase_resumes_to_the_same_bits()
    {
        TrainableBody body = BodyOf(ToyWorld.Body());
        EpochLoopPlan plan = s_plan with { Epochs = 4, StopAfter = 4, CoTuning = new(2.3, body.PretrainedHead!) };
        OnnxModel whole = Start(body);
        OnnxModel resumed = Start(body);
        using CancellationTokenSource cancel = new();
        Directory.CreateDirectory(_world.Run("phase"));

        Train(whole, plan);
        Train(Start(body), plan, Checkpoints(), new Listener(_ => cancel.Cancel()), cancel.Token);
        string[] kept = Directory.GetFiles(CheckpointFolder.PathIn(_world.Run("phase")));
        Train(resumed, plan, Checkpoints());

        Assert.NotEmpty(kept);
        Assert.Equal(whole.ToBytes(), resumed.ToBytes());

        CheckpointFolder Checkpoints() =>
            new(_world.Run("phase"), "run", TimeSpan.Zero, TimeProvider.System, new Silence<TrainingEvent>());
    }

    [Fact]
    public void A_resumed_run_ends_like_an_uninterrupted_one_and_unlike_one_without_co_tuning()
    {
        using CancellationTokenSource cancel = new();
        int epochs = 0;
        Listener stopping = new(value =>
        {
            if (value is EpochEnded && ++epochs == 8) // in the second of three folds
            {
                cancel.Cancel();
            }
        });

        TrainingResult whole = Trainer.Train(
            _world.Images,
            _world.Run("whole"),
            Options,
            cancel: TestContext.Current.CancellationToken
        );
        Trainer.Train(_world.Images, _world.Run("stopped"), Options, stopping, cancel.Token);
        TrainingResult resumed = Trainer.Resume(_world.Run("stopped"), cancel: TestContext.Current.CancellationToken);
        TrainingResult without = Trainer.Train(
            _world.Images,
            _world.Run("without"),
            Options with
            {
                FineTune = Options.FineTune with { CoTuning = null },
            },
            cancel: TestContext.Current.CancellationToken
        );

        Assert.True(cancel.IsCancellationRequested);
        Assert.Equal(File.ReadAllBytes(whole.ModelPath), File.ReadAllBytes(resumed.ModelPath));
        // the scores include what was tried but not shipped
        Assert.Equal(Scores.Of(whole.RunFolder), Scores.Of(resumed.RunFolder));
        Assert.NotEqual(Scores.Of(without.RunFolder), Scores.Of(resumed.RunFolder));
    }

    [Fact]
    public void A_body_without_its_classifier_is_refused_before_the_run_begins()
    {
        OnnxModel model = ToyWorld.Body();
        Subgraph.Prefix(model, "pooled").Save(_world.Run("bare.onnx"));

        GraftException error = Assert.ThrowsAny<GraftException>(() =>
            Trainer.Train(
                _world.Images,
                _world.Run("run"),
                Options with
                {
                    Body = BodySource.OnnxFile(_world.Run("bare.onnx")),
                },
                cancel: TestContext.Current.CancellationToken
            )
        );

        Assert.Equal(
            $"'{_world.Run("bare.onnx")}' cannot be co-tuned: "
                + "no fully connected layer or convolution follows its last feature map; "
                + "turn co-tuning off, or choose weights or an ONNX file with the classifier",
            error.Message
        );
        Assert.False(Directory.Exists(_world.Run("run")));
    }

    [Fact]
    public void Weights_without_a_classifier_are_refused()
    {
        GraftException error = Assert.Throws<GraftException>(() => PretrainedHead.Of(null, "map", s_input, "vgg16"));

        Assert.StartsWith(
            "'vgg16' cannot be co-tuned: it has no pretrained classifier",
            error.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Co_tuning_is_refused_where_only_the_head_is_trained()
    {
        OptionsException error = Assert.Throws<OptionsException>(() =>
            Trainer.Train(
                _world.Images,
                _world.Run("run"),
                Options with
                {
                    FineTune = new() { CoTuning = 2.3, Train = TrainedPart.HeadOnly },
                },
                cancel: TestContext.Current.CancellationToken
            )
        );

        Assert.StartsWith(
            "'FineTune.CoTuning' cannot be used: it has no effect when no layer of the body is trained",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "'FineTune.CoTuning' cannot be 11",
            Assert
                .Throws<OptionsException>(() => new TrainingOptions { FineTune = new() { CoTuning = 11 } }.Validate())
                .Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "'FineTune.CoTuning' cannot be used: it needs",
            Assert
                .Throws<OptionsException>(() =>
                    (Options with { Body = new TrainingOptions().Body, ContinueFrom = "run" }).Validate()
                )
                .Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("Softmax", true)]
    [InlineData("LogSoftmax", true)]
    [InlineData("Sigmoid", false)]
    public void The_old_logits_come_from_before_a_softmax_and_independent_answers_are_refused(
        string operation,
        bool isTaken
    )
    {
        OnnxModel model = ToyWorld.Body();
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = operation,
                Input = { "logits" },
                Output = { "answers" },
            }
        );
        model.Graph.Output[0].Name = "answers";

        PretrainedHead? head = null;
        Exception? refusal = Record.Exception(() => head = OldHeadOf(model));

        Assert.Equal(isTaken, refusal is null);
        Assert.Equal(isTaken ? PretrainedHead.Prefix + "logits" : null, head?.Logits);
    }

    // As in SqueezeNet: a convolution over the map, then the mean of the map of each class.
    [Fact]
    public void A_convolution_as_classifier_gives_the_logits_of_the_whole_network()
    {
        OnnxModel model = ToyWorld.Body();
        model.Graph.Node.RemoveAt(model.Graph.Node.Count - 1);
        model.Graph.Node.RemoveAt(model.Graph.Node.Count - 1);
        model.Graph.Node.RemoveAt(model.Graph.Node.Count - 1);
        TensorProto kernel = Weight(model, "fc.weight");
        kernel.Dims.AddRange([1, 1]);
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Conv",
                Input = { "b", "fc.weight" },
                Output = { "maps" },
            }
        );
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "GlobalAveragePool",
                Input = { "maps" },
                Output = { "logits" },
            }
        );
        TrainableBody body = BodyOf(model);
        using DisposeScope scope = NewDisposeScope();
        OnnxModel tail = Subgraph.Tail(Start(body), Cut, s_input);
        body.PretrainedHead!.AppendTo(tail);
        using TorchGraph both = new(tail);
        using TorchGraph whole = new(Subgraph.Tail(model, Cut, s_input));
        Tensor rows = new Rows().Load([0, 1, 2]);

        Tensor[] outputs = both.ForwardAll(rows);

        Assert.Equal([3, 10], outputs[1].shape);
        Assert.All(whole.Forward(rows).flatten(1).data<float>().Zip(outputs[1].data<float>()), pair =>
            Assert.Equal(pair.First, pair.Second, Float32Noise)
        );
    }

    [Fact]
    public void Co_tuning_on_many_images_per_class_leads_to_a_warning()
    {
        using ToyWorld many = new(45); // 36 of them are training images
        List<TrainingEvent> seen = [];

        Trainer.Train(
            many.Images,
            many.Run("run"),
            Options with
            {
                Body = BodySource.OnnxFile(many.BodyPath),
                FineTune = Options.FineTune with { Epochs = 1 },
            },
            new Listener(seen.Add),
            TestContext.Current.CancellationToken
        );
        List<TrainingEvent> few = [];
        Trainer.Train(
            _world.Images,
            _world.Run("run"),
            Options with
            {
                FineTune = Options.FineTune with { Epochs = 1 },
            },
            new Listener(few.Add),
            TestContext.Current.CancellationToken
        );

        Assert.Contains(seen.ToArray().OfType<Notice>(), notice =>
            notice.Text.StartsWith(
                "Co-tuning is for at most about 30 images per class, and there are 36",
                StringComparison.Ordinal
            )
        );
        Assert.DoesNotContain(few.ToArray().OfType<Notice>(), notice =>
            notice.Text.StartsWith("Co-tuning", StringComparison.Ordinal)
        );
    }

    private static (float[] Gradient, double Loss) BodyGradient(bool isCoTuned, int pieces)
    {
        TrainableBody body = BodyOf(ToyWorld.Body());
        EpochLoopPlan plan = isCoTuned ? s_plan with { CoTuning = new(2.3, body.PretrainedHead!) } : s_plan;
        OnnxModel model = Subgraph.Tail(Start(body), Cut, s_input);
        plan.CoTuning?.Head.AppendTo(model);
        using TorchGraph tail = new(model);
        LabelledActivations rows = Twelve();
        BatchGradient gradient = new(
            plan,
            tail,
            [.. tail.Parameters.Values],
            new Silence<TrainingEvent>(),
            isCoTuned ? CoTuning.Relation(tail, rows, 3, 4) : null
        )
        {
            Pieces = pieces,
        };
        using Batch batch = rows.PlainBatches(12).First();

        double loss = gradient.Add(batch, step: 0)!.Value;
        return (tail.Parameters["b.weight"].grad!.contiguous().data<float>().ToArray(), loss);
    }

    private static float[] Train(
        OnnxModel network,
        EpochLoopPlan plan,
        CheckpointFolder? checkpoints = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken? cancel = null
    ) =>
        TailTrainer
            .Run(
                network,
                Cut,
                s_input,
                plan with
                {
                    ValidatesEpochs = false,
                },
                Twelve(),
                Twelve(),
                progress ?? new Silence<TrainingEvent>(),
                cancel ?? TestContext.Current.CancellationToken,
                checkpoints
            )
            .Logits;

    private static TrainableBody BodyOf(OnnxModel network)
    {
        FeatureBoundary boundary = FeatureBoundary.Find(network, s_input);
        TrainableBody body = new(
            Subgraph.Prefix(network, boundary.Edge),
            boundary,
            new(
                "toy",
                new()
                {
                    Width = 32,
                    Height = 32,
                    ResizeShorter = 32,
                },
                null,
                null,
                ""
            )
        );
        return body with { PretrainedHead = PretrainedHead.Of(network, body.Boundary.Edge, body.InputShape, "toy") };
    }

    private static PretrainedHead OldHeadOf(OnnxModel network) => BodyOf(network).PretrainedHead!;

    // Body and a head of zeros for three classes.
    private static OnnxModel Start(TrainableBody body)
    {
        OnnxModel network = HeadBuilder.AppendPooling(body.Model, body.Boundary, Pooling.Average);
        HeadBuilder.AppendLayers(network, [new(3, 16, new double[48], new double[3])], 0);
        return network;
    }

    private static LabelledActivations Twelve() =>
        new(new Rows(), [.. Enumerable.Range(0, 12)], [.. Enumerable.Range(0, 12).Select(i => i % 3)], 1);

    private static IEnumerable<string> Names(OnnxModel model) =>
        model
            .Graph.Initializer.Select(weight => weight.Name)
            .Concat(model.Graph.Node.SelectMany(node => node.Output))
            .Concat(model.Graph.Output.Select(output => output.Name));

    private static TensorProto Weight(OnnxModel model, string name) =>
        model.Graph.Initializer.Single(weight => weight.Name == name);

    // Activations of the toy body's first convolution.
    private sealed class Rows : IActivationSource
    {
        public Tensor Load(ReadOnlySpan<int> rows) =>
            cat([
                .. rows.ToArray()
                    .Select(row =>
                        AlignedTensor.Of(
                            [
                                .. Enumerable
                                    .Range(0, 8 * 16 * 16)
                                    .Select(i => MathF.Max(0, MathF.Sin((i * (row + 1)) + row))),
                            ],
                            [1, 8, 16, 16]
                        )
                    ),
            ]);
    }

    private sealed class Listener(Action<TrainingEvent> hear) : IProgress<TrainingEvent>
    {
        public void Report(TrainingEvent value)
        {
            lock (hear)
            {
                hear(value);
            }
        }
    }
}
