using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Torch;

namespace Graft.Training.Extraction;

/// <summary>Chooses the edge from which a body is trained, as far as its operators allow.</summary>
internal static class TrainableCut
{
    /// <summary>Chooses the cut that the user asked for, or the nearest one that can be trained from.</summary>
    /// <param name="body">Ends at its feature edge.</param>
    /// <param name="cuts">Cut points of the body, the input first.</param>
    /// <param name="request">Which layers the user wants to train.</param>
    /// <param name="notice">Why another cut than the requested one was chosen; null otherwise.</param>
    /// <returns>Null where only the head is trained.</returns>
    /// <exception cref="GraftException">
    /// The user named an edge or a block that cannot be trained from. The message names the node and the nearest cut
    /// that works.
    /// </exception>
    public static CutPoint? Choose(OnnxModel body, IReadOnlyList<CutPoint> cuts, CutRequest request, out string? notice)
    {
        CutPoint? cut = Find(body, cuts, request, out notice);
        return cut is not null || !request.NeedsBody
            ? cut
            : throw new GraftException(
                "'co-tuning' cannot be used: it trains layers of the body, and only the head is trained here"
                    + (notice is null ? "" : $" ({notice.TrimEnd('.')})")
                    + "; leave it out, or train a part of the body"
            );
    }

    private static CutPoint? Find(OnnxModel body, IReadOnlyList<CutPoint> cuts, CutRequest request, out string? notice)
    {
        notice = null;
        TrainedPart? train = request.Train;
        bool isNamed = train?.Edge is not null;
        if (
            train?.Edge is string name
            && cuts.All(cut => cut.Edge != name)
            && BlockNames.CutBefore(body, cuts, name) is CutPoint before
        )
        {
            train = TrainedPart.FromEdge(before.Edge);
        }

        CutPoint asked = CutSelector.Choose(cuts, train);
        if (!request.TrainsBody || asked.ParametersAfter == 0)
        {
            notice = request is { TrainsBody: true, AsksForBody: true, Train: null or { Share: not 0 } }
                ? "No layer with weights lies in the part of the body that is to be trained: the body stays frozen."
                : null;
            return null;
        }

        Trainability support = new(body);
        if (support.FirstUntrainableAfter(asked.Edge) is not UntrainableNode node)
        {
            return asked;
        }

        CutPoint? nearest = support.FirstTrainableCut(cuts, asked.Edge);
        CutPoint? works = nearest is { ParametersAfter: > 0 } ? nearest : null;
        if (isNamed)
        {
            throw Trainability.Refuse(asked.Edge, node, works);
        }

        notice = Describe(node, works);
        return works;
    }

    private static string Describe(UntrainableNode node, CutPoint? works) =>
        $"The node '{Printable.Text(node.Node)}' is the operator '{Printable.Text(node.Operator)}', {node.Reason}: "
        + (
            works is null
                ? "the head alone is trained."
                : $"training starts behind it, at '{Printable.Text(works.Edge)}' ({works.ShareAfter:P0} of the "
                    + "body's cost)."
        );
}
