using System.Diagnostics;
using Graft.Onnx;
using Graft.Torch;
using Graft.Training.Extraction;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>
/// The mock training of <see cref="LearningRateFinder"/>: the rate rises at every step until the loss explodes. The
/// trained weights are thrown away.
/// </summary>
/// <param name="plan">Settings of the phase whose rate is searched.</param>
/// <param name="search">Range and number of the rates.</param>
/// <param name="progress">Receives the events.</param>
internal sealed class RateSweep(EpochLoopPlan plan, RateFinderOptions search, IProgress<TrainingEvent> progress)
{
    /// <summary>Name of the phase in events.</summary>
    public const string Name = "rates";

    private readonly List<RatePoint> _points = [];
    private double _mean;
    private double _best = double.PositiveInfinity;
    private string? _stopped;

    /// <param name="network">Body and head, down to the logits. It does not change.</param>
    /// <param name="edge">Where the trained part begins.</param>
    /// <param name="inputShape">Shape of an image, [C,H,W].</param>
    /// <param name="rows">Activations of the training images.</param>
    /// <param name="isHeadAlone">True where no body layer is trained.</param>
    /// <param name="cancel">Ends the search.</param>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    public RateCurve Run(
        OnnxModel network,
        string edge,
        long[] inputShape,
        LabelledActivations rows,
        bool isHeadAlone,
        CancellationToken cancel
    )
    {
        using DisposeScope scope = NewDisposeScope();
        OnnxModel tailModel = Subgraph.Tail(network, edge, inputShape);
        using TorchGraph tail = new(tailModel, new TorchGraphOptions { ComputeType = plan.ComputeType });
        IReadOnlyList<ParameterGroup> groups = ParameterGroup.Of(tailModel, tail.Parameters, plan.QuarterDecay);
        BatchGradient gradient = new(plan, tail, [.. groups.SelectMany(g => g.Parameters)], progress);
        using TailOptimizer optimizer = new(plan.Optimizer, groups, plan.WeightDecay);
        Stopwatch watch = Stopwatch.StartNew();
        foreach (
            Batch batch in Enumerable
                .Range(0, search.Steps)
                .SelectMany(epoch => rows.ShuffledBatches(plan.Batch, plan.Seed, epoch))
                .Take(search.Steps)
                .Prefetched()
        )
        {
            using Batch owned = batch;
            cancel.ThrowIfCancellationRequested();
            using DisposeScope step = NewDisposeScope();
            double rate = search.RateAt(_points.Count);
            if (!Add(rate, gradient.Add(batch, _points.Count)))
            {
                break;
            }

            optimizer.Step(rate, rate);
            double perSecond = _points.Count / watch.Elapsed.TotalSeconds;
            progress.Report(
                new Progressed(
                    Name,
                    _points.Count,
                    search.Steps,
                    "steps",
                    perSecond,
                    TimeSpan.FromSeconds((search.Steps - _points.Count) / perSecond)
                )
            );
        }

        return new(_points, isHeadAlone, _stopped ?? $"the rate has reached {search.HighestRate:0.######}");
    }

    // False where the search is over.
    private bool Add(double rate, double? loss)
    {
        if (loss is null)
        {
            _stopped = FormattableString.Invariant($"the loss is not finite at a rate of {rate:0.######}");
            return false;
        }

        _mean = (search.Smoothing * _mean) + ((1 - search.Smoothing) * loss.Value);
        double smoothed = _mean / (1 - Math.Pow(search.Smoothing, _points.Count + 1)); // corrects the start at zero
        _points.Add(new(rate, loss.Value, smoothed));
        _best = Math.Min(_best, smoothed);
        if (smoothed > search.StopFactor * _best)
        {
            _stopped = FormattableString.Invariant(
                $"the loss is above {search.StopFactor:0.#} times its least at a rate of {rate:0.######}"
            );
        }

        return _stopped is null;
    }
}
