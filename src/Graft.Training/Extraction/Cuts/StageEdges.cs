using Graft.Onnx;

namespace Graft.Training.Extraction;

/// <summary>
/// The ends of a body's last stages before its feature map: what they know of texture and colour, the last map has
/// partly forgotten (measured in docs/results.md).
/// </summary>
internal static class StageEdges
{
    private const int Most = 2;

    /// <summary>The last edge of each stage, last stage first; none where the body ends in a vector.</summary>
    /// <param name="cuts">Of the body, input first, its feature edge last.</param>
    /// <param name="from">Stages that end before it are left out, because a part that is trained from there cannot see
    /// them; null: none is.</param>
    public static IReadOnlyList<string> Of(IReadOnlyList<CutPoint> cuts, CutPoint? from)
    {
        List<string> edges = [];
        long channels = cuts[^1].Shape is [long last, _, _] ? last : 0;
        for (int i = cuts.Count - 2; i >= 0 && edges.Count < Most; i--)
        {
            // Channels grow from stage to stage; an edge with as many as a later one is of that stage, or a block's
            // widened middle.
            if (
                cuts[i].Shape is [long own, _, _]
                && own < channels
                && cuts[i].ParametersBefore > 0
                && (from is null || cuts[i].MultiplyAddsBefore >= from.MultiplyAddsBefore)
            )
            {
                edges.Add(cuts[i].Edge);
                channels = own;
            }
        }

        return edges;
    }
}
