using Graft.Infrastructure;
using Graft.Torch;
using Graft.Training.Bodies;
using TorchSharp;
using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>
/// Trains a head of one hidden layer on features in memory, by Adam. The rate falls to zero by half a cosine, and so no
/// epoch has to be chosen. Each epoch uses one view of each image: views cost no time. The gradient is written out as
/// three products, because many trainings run in parallel.
/// </summary>
/// <param name="rows">The rows, their labels and folds.</param>
/// <param name="standardised">The rows' features after scaling, [N x views, F].</param>
/// <param name="seed">Seed of the run.</param>
internal sealed class HiddenHeadTraining(HeadTrainingSet rows, Tensor standardised, long seed)
{
    private const int Batch = 64;
    private const double Rate = 0.003;

    /// <summary>Trains a head, and returns its logits of the plain views of held-out images, [M,C].</summary>
    /// <param name="head">The head.</param>
    /// <param name="training">Numbers of the training images.</param>
    /// <param name="heldOut">Numbers of the held-out images.</param>
    /// <param name="imagesToSee">Approximate number of images over all epochs.</param>
    /// <param name="cancel">Ends the training.</param>
    public double[] Logits(HiddenHead head, int[] training, int[] heldOut, int imagesToSee, CancellationToken cancel)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using HiddenLayers layers = new(head, rows.FeatureCount, rows.ClassCount, seed, rows.Labels.AreSets);
        int epochs = Math.Max(1, (imagesToSee + training.Length - 1) / training.Length);
        int stepsAnEpoch = (training.Length + Batch - 1) / Batch;
        LearningRate rate = new(Rate, WarmUpSteps: 0, epochs * stepsAnEpoch);
        for (int epoch = 0, step = 0; epoch < epochs; epoch++)
        {
            int[] order = new CountedRandom((ulong)seed, RandomPurpose.BatchOrder, (uint)epoch).Permutation(
                training.Length
            );
            foreach (int[] batch in order.Chunk(Batch))
            {
                cancel.ThrowIfCancellationRequested();
                Step(layers, [.. batch.Select(i => training[i])], epoch, step, rate.At(step));
                step++;
            }
        }

        return layers
            .Logits(Rows([.. heldOut.Select(image => (long)image * rows.Views)]))
            .to(ScalarType.Float64)
            .data<double>()
            .ToArray();
    }

    private void Step(HiddenLayers layers, int[] images, int epoch, int step, double rate)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor inputs = Rows([.. images.Select(image => ((long)image * rows.Views) + ViewOf(image, epoch))]); // [B,F]
        layers.Step(inputs, TargetsOf(images), WeightsOf(images), step, rate);
    }

    // 1 where an image has a class and 0 elsewhere, [B,C].
    private Tensor TargetsOf(int[] images)
    {
        float[] values = new float[images.Length * rows.ClassCount];
        for (int n = 0; n < images.Length; n++)
        {
            for (int c = 0; c < rows.ClassCount; c++)
            {
                values[(n * rows.ClassCount) + c] = rows.Labels.Has(images[n], c) ? 1 : 0;
            }
        }

        return AlignedTensor.Of(values, [images.Length, rows.ClassCount]);
    }

    // Factors of the losses, [B,1] or [B,C]; null: 1.
    private Tensor? WeightsOf(int[] images)
    {
        if (rows.Weights is not null)
        {
            return AlignedTensor.Of([.. images.Select(image => (float)rows.Weights[image])], [images.Length, 1]);
        }

        return rows.PositiveWeights is not double[] ofPositives
            ? null
            : TargetsOf(images)
                .mul(AlignedTensor.Of(Array.ConvertAll(ofPositives, weight => (float)(weight - 1))))
                .Plus(1.0);
    }

    private int ViewOf(int image, int epoch) =>
        rows.Views == 1
            ? 0
            : new CountedRandom((ulong)seed, RandomPurpose.ViewChoice, (uint)epoch).Below(rows.Views, (uint)image);

    private Tensor Rows(long[] numbers) => standardised.index_select(0, tensor(numbers));
}

/// <summary>The two layers of a head, with their gradient and their optimisers.</summary>
internal sealed class HiddenLayers : IDisposable
{
    private readonly Tensor _in; // [H,F]
    private readonly Tensor _inBias; // [H]
    private readonly Tensor _out; // [C,H], starts at zero as in fine-tuning
    private readonly Tensor _outBias; // [C]
    private readonly OptimizerRule[] _rules =
    [
        new AdamRule(isDecoupled: false),
        new AdamRule(isDecoupled: false),
        new AdamRule(isDecoupled: false),
        new AdamRule(isDecoupled: false),
    ];
    private readonly HiddenHead _head;
    private readonly long _seed;
    private readonly bool _isSigmoid; // otherwise a softmax

    public HiddenLayers(HiddenHead head, int featureCount, int classCount, long seed, bool isSigmoid)
    {
        (_head, _seed, _isSigmoid) = (head, seed, isSigmoid);
        _in = AlignedTensor.Of(
            Array.ConvertAll(RandomLayer.Of(head.Width, featureCount, seed, 0).Weight, w => (float)w),
            [head.Width, featureCount]
        );
        _inBias = zeros(head.Width);
        _out = zeros(classCount, head.Width);
        _outBias = zeros(classCount);
    }

    /// <summary>Logits [N,C] of rows [N,F], without dropout.</summary>
    public Tensor Logits(Tensor inputs) => Outputs(Units(inputs));

    /// <summary>Takes one step along the gradient of the batch's mean loss.</summary>
    /// <param name="inputs">Rows, [B,F].</param>
    /// <param name="targets">1 where an image has a class and 0 elsewhere, [B,C].</param>
    /// <param name="weights">Factors of the losses, [B,1] or [B,C]. Null: 1.</param>
    /// <param name="step">Number of the step, counted from 0.</param>
    /// <param name="rate">Step size.</param>
    public void Step(Tensor inputs, Tensor targets, Tensor? weights, int step, double rate)
    {
        double kept = 1 - _head.Dropout;
        Tensor units = Units(inputs); // [B,H]
        Tensor left = _head.Dropout == 0 ? units : units.mul(Mask(units, step, kept)).DividedBy(kept); // [B,H]
        Tensor outputs = Outputs(left); // [B,C]
        Tensor slope = (_isSigmoid ? outputs.sigmoid() : outputs.softmax(1)).add_(targets, Held(-1.0)); // [B,C]
        slope = (weights is null ? slope : slope.mul(weights)).DividedBy(targets.shape[0]);
        Tensor ofUnits = slope.mm(_out).mul(left.gt(Held(0.0))).DividedBy(kept); // [B,H]
        _rules[0].Step(_in, ofUnits.t().mm(inputs), rate, _head.WeightDecay);
        _rules[1].Step(_inBias, ofUnits.sum([0L]), rate, 0);
        _rules[2].Step(_out, slope.t().mm(left), rate, _head.WeightDecay);
        _rules[3].Step(_outBias, slope.sum([0L]), rate, 0);
    }

    public void Dispose()
    {
        Array.ForEach(_rules, rule => rule.Dispose());
        Array.ForEach(new[] { _in, _inBias, _out, _outBias }, tensor => tensor.Dispose());
    }

    private Tensor Units(Tensor inputs) => inputs.mm(_in.t()).add_(_inBias, One).relu(); // [N,H]

    private Tensor Outputs(Tensor units) => units.mm(_out.t()).add_(_outBias, One); // [N,C]

    private Tensor Mask(Tensor units, int step, double kept) =>
        DropoutMasks.For(_seed, step, new(0, (int)units.shape[0], (int)units.shape[0]))(0, units.shape, kept);
}
