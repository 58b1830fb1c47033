using Graft.Onnx;

namespace Graft.Training.Extraction;

/// <summary>
/// The ends of a body's stages before its feature map. They contain texture and colour that the last map has partly
/// lost (measured in docs/results.md).
/// </summary>
internal static class StageEdges
{
    private const int Most = 8; // in DenseNet every layer widens the map, and so ends a stage

    /// <summary>The last edge of each stage, the last stage first. Empty where the body ends in a vector.</summary>
    /// <param name="cuts">Cut points of the body, the input first, the feature edge last.</param>
    /// <param name="from">
    /// Where the trained part begins. It cannot see stages that end earlier, so they are left out. Null: none is.
    /// </param>
    public static IReadOnlyList<string> Of(IReadOnlyList<CutPoint> cuts, CutPoint? from)
    {
        List<string> edges = [];
        long channels = cuts[^1].Shape is [long last, _, _] ? last : 0;
        for (int i = cuts.Count - 2; i >= 0 && edges.Count < Most; i--)
        {
            // Channels grow from stage to stage. An edge with as many channels as a later one belongs to the same
            // stage, or is a block's widened middle.
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
