using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>Puts the pooled features of several branches side by side.</summary>
internal static class JoinedPooling
{
    /// <summary>
    /// Appends nodes that pool every branch. The averages of the last maps come first, branch by branch, then those of
    /// earlier stages, then the last maps' largest values.
    /// </summary>
    /// <param name="model">The graph; it is changed.</param>
    /// <param name="boundary">The boundary of the main branch, with the others beside it.</param>
    /// <param name="pooling">Which of them; <see cref="Pooling.Auto"/> is all.</param>
    /// <param name="features">The edge of the features, N x F.</param>
    public static void Append(OnnxModel model, FeatureBoundary boundary, Pooling pooling, string features)
    {
        FeatureBoundary[] branches = BranchesOf(boundary);
        List<(string? Operator, string Edge)> pools = [.. branches.Select(AverageOf)];
        if (pooling is Pooling.Stages or Pooling.Auto)
        {
            pools.AddRange(
                branches.SelectMany(one => one.StageEdges).Select(edge => ((string?)"GlobalAveragePool", edge))
            );
        }

        if (pooling is Pooling.AverageAndMax or Pooling.Auto)
        {
            pools.AddRange(
                branches.Where(one => one.Kind == FeatureKind.Map).Select(one => ((string?)"GlobalMaxPool", one.Edge))
            );
        }

        Append(model, pools, features);
    }

    /// <summary>Appends nodes that average the last maps of some branches, side by side.</summary>
    /// <param name="model">The graph; it is changed.</param>
    /// <param name="branches">The boundaries of the branches.</param>
    /// <param name="features">The edge of the averages, N x F.</param>
    public static void AppendAverages(OnnxModel model, IEnumerable<FeatureBoundary> branches, string features) =>
        Append(model, [.. branches.Select(AverageOf)], features);

    private static (string? Operator, string Edge) AverageOf(FeatureBoundary branch) =>
        (branch.Kind == FeatureKind.Map ? "GlobalAveragePool" : null, branch.Edge);

    private static void Append(OnnxModel model, List<(string? Operator, string Edge)> pools, string features)
    {
        List<string> parts = [];
        foreach ((string? type, string edge) in pools)
        {
            string part = $"{features}.{parts.Count}";
            if (type is not null)
            {
                model.Graph.Node.Add(HeadBuilder.Node(type, [edge], part + ".map"));
            }

            model.Graph.Node.Add(
                HeadBuilder.Node("Flatten", [type is null ? edge : part + ".map"], part).WithAttribute("axis", 1)
            );
            parts.Add(part);
        }

        model.Graph.Node.Add(HeadBuilder.Node("Concat", parts, features).WithAttribute("axis", 1));
    }

    /// <summary>The boundaries of all branches, that of the main one first.</summary>
    public static FeatureBoundary[] BranchesOf(FeatureBoundary boundary) => [boundary, .. boundary.Beside];

    /// <summary>The error where the maps of joined bodies are to be flattened.</summary>
    /// <param name="option">Path of the option that asks for it.</param>
    public static GraftException NoFlatMap(string option) =>
        new("the maps of joined bodies cannot be flattened side by side; choose another pooling, or one body")
        {
            Option = option,
        };
}
