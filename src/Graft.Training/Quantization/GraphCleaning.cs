using Graft.Onnx;

namespace Graft.Training.Quantization;

/// <summary>Removes what an edit of a graph left behind.</summary>
internal static class GraphCleaning
{
    /// <summary>Removes weights and Constant nodes that nothing reads, and the old types of edges.</summary>
    public static void RemoveUnread(OnnxModel model)
    {
        HashSet<string> read =
        [
            .. model.Graph.Node.SelectMany(node => node.InputEdges()),
            .. model.Graph.Output.Select(output => output.Name),
        ];
        Keep(model.Graph.Initializer, weight => read.Contains(weight.Name));
        Keep(model.Graph.Node, node => node.OpType != "Constant" || node.Output.Any(read.Contains));
        model.Graph.ValueInfo.Clear();
    }

    // Removing one by one would take time with the square of the number.
    private static void Keep<T>(Google.Protobuf.Collections.RepeatedField<T> list, Func<T, bool> isKept)
    {
        T[] kept = [.. list.Where(isKept)];
        list.Clear();
        list.AddRange(kept);
    }
}
