using Graft.Onnx;
using Graft.Torch;
using Graft.Training.Extraction;
using Graft.Training.FineTuning;
using Graft.Training.Run;
using TorchSharp;
using TorchSharp.Modules;
using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Training.Tests.FineTuning;

[Collection("torch")]
public sealed class TailStateTests
{
    private const double Float32Noise = 1e-6; // sums of eight gradients in another order
    private static readonly EpochLoopPlan s_plan = new()
    {
        Name = "test",
        Epochs = 1,
        Optimizer = OptimizerKind.Sgd,
        HeadRate = 1,
        BodyRate = 1,
        Batch = 8,
        WeightDecay = 0,
        Seed = 5,
        LabelSmoothing = 0.1,
    };

    [Theory]
    [InlineData(OptimizerKind.Sgd)]
    [InlineData(OptimizerKind.RmsProp)]
    [InlineData(OptimizerKind.Adam)]
    [InlineData(OptimizerKind.AdamW)]
    public void An_optimiser_that_continues_from_a_checkpoint_computes_the_same_bits(OptimizerKind kind)
    {
        using DisposeScope scope = NewDisposeScope();
        using TrainedWeights whole = Start(kind);
        Steps(whole, 0, 10);

        using TrainedWeights before = Start(kind);
        Steps(before, 0, 4);
        Checkpoint kept = Checkpoint.Of(
            "key",
            new TrainingSnapshot(
                new() { Start = new(0, 1) },
                new(null, 1, 0, null),
                [.. before.Optimizer.Rules.Select(entry => entry.Rule.Steps)]
            ),
            TrainingSnapshot.Tensors(before)
        );
        using TrainedWeights after = Start(kind);
        TrainingSnapshot.Read(kept, after.Parameters, s_plan).Snapshot.Restore(kept, after);
        Steps(after, 4, 10);

        Assert.Equal(
            whole.Parameters[0].detach().contiguous().data<float>().ToArray(),
            after.Parameters[0].detach().contiguous().data<float>().ToArray()
        );
        Assert.Equal(whole.Parameters[0].stride(), after.Parameters[0].stride());
    }

    [Fact]
    public void A_checkpoint_of_a_tail_of_another_shape_is_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        using TrainedWeights weights = Start(OptimizerKind.Sgd);
        Tensor parameter = weights.Parameters[0];
        Checkpoint kept = Checkpoint.Of(
            "key",
            new TrainingSnapshot(new() { Start = new(0, 1) }, new(null, 1, 0, null), [0]),
            TrainingSnapshot.Tensors(weights)
        );

        Assert.Throws<CheckpointException>(() => TrainingSnapshot.Read(kept, [zeros(4, 3)], s_plan));
        Assert.Throws<CheckpointException>(() => TrainingSnapshot.Read(kept, [parameter, parameter], s_plan));
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(8, false)]
    [InlineData(3, true)]
    public void A_batch_in_pieces_has_the_gradient_and_the_loss_of_the_whole_also_with_dropout(
        int pieces,
        bool isWeighted
    )
    {
        using DisposeScope scope = NewDisposeScope();
        (double wholeLoss, float[] whole) = Gradient(1, isWeighted);

        (double loss, float[] gradient) = Gradient(pieces, isWeighted);

        Assert.Equal(wholeLoss, loss, Float32Noise);
        Assert.All(whole.Zip(gradient), pair => Assert.Equal(pair.First, pair.Second, Float32Noise));
        Assert.Contains(whole, value => Math.Abs(value) > 1e-3);
    }

    [Fact]
    public void An_image_of_weight_two_counts_as_two()
    {
        using DisposeScope scope = NewDisposeScope();
        (double plain, float[] plainGradient) = Gradient(1, weights: [1, 1, 1, 1, 1, 1, 1, 1]);
        (double doubled, float[] doubledGradient) = Gradient(1, weights: [2, 2, 2, 2, 2, 2, 2, 2]);
        (double first, _) = Gradient(1, weights: [1, 0, 0, 0, 0, 0, 0, 0]);
        (double others, _) = Gradient(1, weights: [0, 1, 1, 1, 1, 1, 1, 1]);

        Assert.Equal(Gradient(1, isWeighted: false).Loss, plain, Float32Noise);
        Assert.Equal(2 * plain, doubled, Float32Noise);
        Assert.Equal(plain, first + others, Float32Noise);
        Assert.All(plainGradient.Zip(doubledGradient), pair => Assert.Equal(2 * pair.First, pair.Second, Float32Noise));
    }

    private static (double Loss, float[] Gradient) Gradient(int pieces, bool isWeighted) =>
        Gradient(pieces, isWeighted ? [1, 3, 0.5f, 1, 2, 1, 0.25f, 1] : null);

    private static (double Loss, float[] Gradient) Gradient(int pieces, float[]? weights)
    {
        OnnxModel model = OnnxModel.Create("head");
        model.Graph.Input.Add(EdgeDeclaration.Create("x", [6]));
        model.Graph.Output.Add(EdgeDeclaration.Create("y", [3]));
        model.Graph.Initializer.Add(
            TensorValues.FromSingles("w", [3, 6], [.. Enumerable.Range(0, 18).Select(i => MathF.Sin(i))])
        );
        model.Graph.Initializer.Add(TensorValues.FromSingles("ratio", [], [0.4f]));
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Dropout",
                Input = { "x", "ratio" },
                Output = { "d" },
            }
        );
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Gemm",
                Input = { "d", "w" },
                Output = { "y" },
            }.WithAttribute("transB", 1)
        );
        using TorchGraph tail = new(model);
        BatchGradient gradient = new(s_plan, tail, [.. tail.Parameters.Values], new Silence<TrainingEvent>())
        {
            Pieces = pieces,
        };
        float[] values = [.. Enumerable.Range(0, 48).Select(i => MathF.Cos(i))];
        using Batch batch = new(tensor(values).view(8, 6), tensor((long[])[0, 1, 2, 0, 1, 2, 0, 1]))
        {
            Weights = weights is null ? null : tensor(weights),
        };

        double loss = gradient.Add(batch, step: 3)!.Value;
        return (loss, tail.Parameters["w"].grad!.data<float>().ToArray());
    }

    // A kernel in channels-last order, as convolutions have them.
    private static TrainedWeights Start(OptimizerKind kind)
    {
        Tensor values = tensor([.. Enumerable.Range(0, 144).Select(i => MathF.Sin(i))])
            .view(4, 3, 3, 4)
            .permute(0, 3, 1, 2);
        return new(
            s_plan with
            {
                Optimizer = kind,
                WeightDecay = 0.01,
            },
            [new(IsHead: false, 1, IsDecayed: true, [new Parameter(values)])]
        );
    }

    private static void Steps(TrainedWeights weights, int from, int to)
    {
        for (int step = from; step < to; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor target = tensor([.. Enumerable.Range(0, 144).Select(i => MathF.Cos(i * (step + 1)))])
                .view(4, 4, 3, 3);
            (weights.Parameters[0] - target).Squared().mean().backward();
            weights.Step(0.01, 0.01, step);
        }
    }
}
