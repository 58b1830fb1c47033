using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Doctor;
using Graft.Training.Extraction;
using Graft.Training.Plans;
using Graft.Training.Run;

namespace Graft.Training.Pipeline;

/// <summary>A loaded body and its cut points. The engines of this machine have been checked.</summary>
/// <param name="Body">The network without its old head.</param>
/// <param name="Cuts">The edges where the trained part may begin, the input first.</param>
internal sealed record PreparedBody(TrainableBody Body, IReadOnlyList<CutPoint> Cuts)
{
    /// <summary>Loads the body that the options name, and checks the engines of this machine.</summary>
    /// <param name="options">Names the body. Paths are relative to the working folder.</param>
    /// <param name="cache">Where the result of the check is kept.</param>
    /// <exception cref="GraftException">The body cannot be used, or an engine computes wrongly.</exception>
    public static PreparedBody Load(TrainingOptions options, CacheOptions cache)
    {
        using IDisposable apart = ProcessMemory.KeepLargeBlocksApart();
        TrainableBody body = TrainableBodyLoader.Load(options.ToBodyPlan());
        IReadOnlyList<CutPoint> cuts = CutPoints.Find(body.Model, body.InputShape);
        CheckedEngines.Require(cache);
        ProcessMemory.Return(); // the check has built a network for each engine
        return new(body, cuts);
    }

    /// <summary>The edge from which the body is trained; null where only the head is trained.</summary>
    /// <param name="options">Say how deep to train.</param>
    /// <param name="notice">Why another cut than the requested one was chosen; null otherwise.</param>
    /// <exception cref="GraftException">The body cannot be trained from the edge that the options name.</exception>
    public CutPoint? CutFor(TrainingOptions options, out string? notice) =>
        TrainableCut.Choose(Body.Model, Cuts, ExtractionPlans.CutOf(options), out notice);

    /// <summary>The body with the stage ends that its head may see.</summary>
    public TrainableBody WithStages(TrainingOptions options, CutPoint? cut) =>
        Body with
        {
            Boundary = Body.Boundary with
            {
                StageEdges = StageEdges.Of(Cuts, options.Head.Pooling == Pooling.Stages ? cut : null),
            },
        };
}
