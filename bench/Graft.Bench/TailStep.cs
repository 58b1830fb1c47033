using System.Diagnostics;
using Graft.Onnx;
using Graft.Torch;
using Graft.Training;
using Graft.Training.Bodies;
using Graft.Training.FineTuning;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Graft.Bench;

/// <summary>A training step of Graft's tail, with a head of as many classes as the labels have.</summary>
internal sealed class TailStep : IDisposable
{
    private static readonly EpochLoopPlan s_plan = new()
    {
        Name = "step",
        Epochs = 1,
        Optimizer = OptimizerKind.Sgd,
        HeadRate = 0.001,
        BodyRate = 0.001,
        Batch = 32,
        WeightDecay = 1e-4,
        Seed = 1,
        EmaDecay = 0.99,
    };

    private readonly TorchGraph _tail;
    private readonly Tensor _labels;
    private readonly TrainedWeights _weights;
    private int _steps;

    /// <param name="body">The body.</param>
    /// <param name="cut">Where the trained part begins.</param>
    /// <param name="labels">Classes of the batch's images, [N].</param>
    /// <param name="type">Float32 or bfloat16.</param>
    public TailStep(TrainableBody body, CutPoint cut, Tensor labels, ScalarType type)
    {
        OnnxModel network = HeadBuilder.AppendPooling(body.Model, body.Boundary, Pooling.Average);
        int features = (int)
            ShapeProbe.Measure(network, [HeadBuilder.Features], 1, body.InputShape)[HeadBuilder.Features][1];
        int classes = (int)labels.data<long>().Max() + 1;
        HeadBuilder.AppendLayers(
            network,
            [new LinearLayer(classes, features, new double[classes * features], new double[classes])],
            0
        );
        OnnxModel tail = Subgraph.Tail(network, cut.Edge, body.InputShape);
        _labels = labels;
        _tail = new(tail, new() { ComputeType = type });
        _weights = new(s_plan, ParameterGroup.Of(tail, _tail.Parameters, 0.7));
    }

    /// <summary>Seconds of the forward passes so far.</summary>
    public double Forward { get; private set; }

    /// <summary>Seconds of the backward passes so far.</summary>
    public double Backward { get; private set; }

    /// <summary>Seconds of the optimiser's steps and of the running average so far.</summary>
    public double Update { get; private set; }

    public void Run(Tensor activations)
    {
        using DisposeScope scope = NewDisposeScope();
        long start = Stopwatch.GetTimestamp();
        Tensor loss = functional.cross_entropy(_tail.Forward(activations), _labels);
        long forward = Stopwatch.GetTimestamp();
        loss.backward();
        long backward = Stopwatch.GetTimestamp();
        _weights.Step(s_plan.HeadRate, s_plan.BodyRate, _steps++);
        Forward += Stopwatch.GetElapsedTime(start, forward).TotalSeconds;
        Backward += Stopwatch.GetElapsedTime(forward, backward).TotalSeconds;
        Update += Stopwatch.GetElapsedTime(backward).TotalSeconds;
    }

    public void Dispose()
    {
        _weights.Dispose();
        _tail.Dispose();
    }
}
