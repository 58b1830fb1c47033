using System.Globalization;
using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Torch;
using Graft.Training.FineTuning;

namespace Graft.Training.Extraction;

/// <summary>Where a body is trained from, given what its operators allow.</summary>
internal static class TrainableCut
{
    /// <param name="body">Ends at its feature edge.</param>
    /// <param name="cuts">Of the body, input first.</param>
    /// <param name="notice">Where another cut than the one asked for is taken: why.</param>
    /// <returns>Null where the head alone is trained.</returns>
    /// <exception cref="GraftException">The user named an edge or a block that cannot be trained from; names the node
    /// and the nearest cut that works.</exception>
    public static CutPoint? Choose(
        OnnxModel body,
        IReadOnlyList<CutPoint> cuts,
        TrainingOptions options,
        out string? notice
    )
    {
        CutPoint? cut = Find(body, cuts, options, out notice);
        return cut is not null || options.FineTune.CoTuning is null
            ? cut
            : throw new GraftException(
                $"'co-tuning' cannot be used: it trains layers of the body, and here the head alone is trained{(notice is null ? "" : $" ({notice.TrimEnd('.')})")}; leave it out, or train more (--train, --epochs)"
            );
    }

    private static CutPoint? Find(
        OnnxModel body,
        IReadOnlyList<CutPoint> cuts,
        TrainingOptions options,
        out string? notice
    )
    {
        notice = null;
        bool isNamed =
            options.Train is not null
            && !double.TryParse(options.Train, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
        if (
            isNamed
            && cuts.All(cut => cut.Edge != options.Train)
            && BlockNames.CutBefore(body, cuts, options.Train!) is CutPoint before
        )
        {
            options = options with { Train = before.Edge };
        }

        CutPoint? asked = FineTuningPlans.CutFor(cuts, options);
        if (asked is null)
        {
            return null;
        }

        TailSupport support = new(body);
        if (support.After(asked.Edge) is not UntrainableNode node)
        {
            return asked;
        }

        CutPoint? nearest = support.Nearest(cuts, asked.Edge);
        CutPoint? works = nearest is { ParametersAfter: > 0 } ? nearest : null;
        if (isNamed)
        {
            throw TailSupport.Refuse(asked.Edge, node, works);
        }

        notice =
            $"The node '{Printable.Text(node.Node)}' is the operator '{Printable.Text(node.Operator)}', {node.Reason}: "
            + (
                works is null
                    ? "the head alone is trained."
                    : $"training starts behind it, at '{Printable.Text(works.Edge)}' ({works.ShareAfter:P0} of the body's cost)."
            );
        return works;
    }
}
