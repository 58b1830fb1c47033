using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Doctor;
using Graft.Training.Extraction;
using Graft.Training.Plans;
using Graft.Training.Run;

namespace Graft.Training.Pipeline;

/// <summary>A loaded body and its cut points. The engines of this machine have been checked.</summary>
/// <param name="Body">The network without its old head.</param>
/// <param name="Branches">The edges where it can be cut.</param>
internal sealed record PreparedBody(TrainableBody Body, BranchCuts Branches)
{
    /// <summary>The edges where the trained part may begin, the input first.</summary>
    public IReadOnlyList<CutPoint> Cuts => Branches.Main;

    /// <summary>Loads the body that the options name, and checks the engines of this machine.</summary>
    /// <param name="options">Names the body. Paths are relative to the working folder.</param>
    /// <param name="cache">Where the result of the check is kept.</param>
    /// <exception cref="GraftException">The body cannot be used, or an engine computes wrongly.</exception>
    public static PreparedBody Load(TrainingOptions options, CacheOptions cache)
    {
        using IDisposable apart = ProcessMemory.KeepLargeBlocksApart();
        TrainableBody body = TrainableBodyLoader.Load(options.ToBodyPlan());
        if (body.IsJoined && options.Head.Pooling == Pooling.Flatten)
        {
            throw JoinedPooling.NoFlatMap($"{nameof(TrainingOptions.Head)}.{nameof(HeadOptions.Pooling)}");
        }

        BranchCuts cuts = BranchCuts.Of(body);
        CheckedEngines.Require(cache);
        ProcessMemory.Return(); // the check has built a network for each engine
        return new(body, cuts);
    }

    /// <summary>The edge from which the body is trained; null where only the head is trained.</summary>
    /// <param name="options">Say how deep to train.</param>
    /// <param name="notice">Why another cut than the requested one was chosen; null otherwise.</param>
    /// <exception cref="GraftException">The body cannot be trained from the edge that the options name.</exception>
    public CutPoint? CutFor(TrainingOptions options, out string? notice)
    {
        CutRequest request = ExtractionPlans.CutOf(options);
        if (!Body.IsJoined)
        {
            return TrainableCut.Choose(Body.Model, Cuts, request, out notice);
        }

        CutPoint? own = TrainableCut.Choose(
            Body.MainModel,
            [.. Branches.Branches[0].Skip(1)],
            request with
            {
                Train = BranchPart.Of(Body, request.Train),
            },
            out notice
        );
        if (own is not null && options.ActivationPrecision == ActivationPrecision.Int8)
        {
            throw new GraftException(
                "'int8' cannot be the precision of activations: joined bodies keep features beside them, which need "
                    + "more; leave it out, or train one body"
            )
            {
                Option = nameof(TrainingOptions.ActivationPrecision),
            };
        }

        return own is null ? null : Cuts.First(cut => cut.Edge == own.Edge);
    }

    /// <summary>The body with the stage ends that its head may see.</summary>
    public TrainableBody WithStages(TrainingOptions options, CutPoint? cut) =>
        Branches.WithStages(Body, options.Head.Pooling == Pooling.Stages ? cut : null);
}
