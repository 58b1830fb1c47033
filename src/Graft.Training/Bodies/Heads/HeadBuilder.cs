using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>Appends the nodes of a new head to a body's graph.</summary>
internal static class HeadBuilder
{
    /// <summary>The prefix of all names of a head's weights and edges.</summary>
    public const string Prefix = "graft.head.";

    /// <summary>The head's output edge, N x C.</summary>
    public const string Logits = Prefix + "logits";

    /// <summary>The edge of the pooled and flattened features, N x F: the input of the head's first layer.</summary>
    public const string Features = Prefix + "features";

    private const string Centred = Prefix + "centred";
    private const string Standardised = Prefix + "standardised";

    /// <summary>
    /// A copy of <paramref name="body"/> that ends in <see cref="Features"/>. Averages of the last map come first,
    /// then those of earlier stages, then the last map's maxima. <see cref="Pooling.Auto"/> contains all of them.
    /// </summary>
    public static OnnxModel AppendPooling(OnnxModel body, FeatureBoundary boundary, Pooling pooling)
    {
        OnnxModel model = body.Clone();
        if (boundary.Beside.Count > 0)
        {
            JoinedPooling.Append(model, boundary, pooling, Features);
            model.Graph.Output.Clear();
            model.Graph.Output.Add(new ValueInfoProto { Name = Features });
            return model;
        }

        string edge =
            boundary.Kind == FeatureKind.Map && pooling != Pooling.Flatten
                ? AppendPools(model, boundary, pooling)
                : boundary.Edge;
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Flatten",
                Input = { edge },
                Output = { Features },
            }.WithAttribute("axis", 1)
        );
        model.Graph.Output.Clear();
        model.Graph.Output.Add(new ValueInfoProto { Name = Features });
        return model;
    }

    /// <summary>
    /// The edge of the pooled features, before they are flattened. Its name tells the <see cref="Pooling"/> of a
    /// stored model.
    /// </summary>
    public static string PooledEdge(Pooling pooling) =>
        pooling == Pooling.Average ? Prefix + "pooled" : Prefix + pooling.ToString().ToLowerInvariant();

    private static string AppendPools(OnnxModel model, FeatureBoundary boundary, Pooling pooling)
    {
        List<(string Operator, string From, string To)> pools =
        [
            ("GlobalAveragePool", boundary.Edge, PooledEdge(Pooling.Average)),
        ];
        if (pooling is Pooling.Stages or Pooling.Auto)
        {
            pools.AddRange(
                boundary.StageEdges.Select(
                    (edge, number) => ("GlobalAveragePool", edge, $"{Prefix}pooled.{number + 1}")
                )
            );
        }

        if (pooling is Pooling.AverageAndMax or Pooling.Auto)
        {
            pools.Add(("GlobalMaxPool", boundary.Edge, Prefix + "largest"));
        }

        model.Graph.Node.Add(pools.Select(pool => Node(pool.Operator, [pool.From], pool.To)));
        if (pools.Count == 1)
        {
            return pools[0].To;
        }

        model.Graph.Node.Add(
            Node("Concat", pools.Select(pool => pool.To), PooledEdge(pooling)).WithAttribute("axis", 1)
        );
        return PooledEdge(pooling);
    }

    /// <summary>Appends fully connected layers, from <see cref="Features"/> to <see cref="Logits"/>.</summary>
    /// <param name="model">A body that ends in <see cref="Features"/>; it is changed.</param>
    /// <param name="layers">
    /// The layers in order. ReLU and dropout follow all but the last, which has one row per class.
    /// </param>
    /// <param name="dropout">Share of hidden values that training drops, 0 to below 1.</param>
    /// <param name="scale">
    /// Standardises the features in nodes before the first layer; null leaves them raw. Folding it into the first
    /// layer would give the same function but another descent. VGG16's flattened features have a squared length of
    /// 1e7, and on them SGD diverges at every rate that learns.
    /// </param>
    public static void AppendLayers(
        OnnxModel model,
        IReadOnlyList<LinearLayer> layers,
        double dropout,
        FeatureScale? scale = null
    )
    {
        string edge = scale is null ? Features : AppendScale(model, scale);
        for (int i = 0; i < layers.Count; i++)
        {
            bool isLast = i == layers.Count - 1;
            string output = isLast ? Logits : $"{Prefix}{i}.output";
            AppendLayer(model, layers[i], i, edge, output);
            edge = isLast ? output : AppendActivation(model, output, i, dropout);
        }

        model.Graph.Output.Clear();
        model.Graph.Output.Add(EdgeDeclaration.Create(Logits, [layers[^1].ClassCount]));
    }

    private static void AppendLayer(OnnxModel model, LinearLayer layer, int index, string input, string output)
    {
        string weight = $"{Prefix}{index}.weight";
        string bias = $"{Prefix}{index}.bias";
        AddWeight(model, weight, [layer.ClassCount, layer.FeatureCount], layer.Weight);
        AddWeight(model, bias, [layer.ClassCount], layer.Bias);
        model.Graph.Node.Add(Node("Gemm", [input, weight, bias], output).WithAttribute("transB", 1));
    }

    private static string AppendScale(OnnxModel model, FeatureScale scale)
    {
        AddWeight(model, Prefix + "mean", [scale.Mean.Length], scale.Mean);
        AddWeight(model, Prefix + "scale", [scale.Mean.Length], scale.Scale);
        model.Graph.Node.Add(Node("Sub", [Features, Prefix + "mean"], Centred));
        model.Graph.Node.Add(Node("Div", [Centred, Prefix + "scale"], Standardised));
        return Standardised;
    }

    private static string AppendActivation(OnnxModel model, string edge, int layer, double dropout)
    {
        string active = $"{Prefix}{layer}.relu";
        model.Graph.Node.Add(Node("Relu", [edge], active));
        if (dropout == 0)
        {
            return active;
        }

        string dropped = $"{Prefix}{layer}.dropout";
        NodeProto node = Node("Dropout", [active], dropped);
        if (model.Opset >= 12)
        {
            string ratio = $"{Prefix}{layer}.ratio";
            model.Graph.Initializer.Add(TensorValues.FromSingles(ratio, [], [(float)dropout]));
            node.Input.Add(ratio);
        }
        else
        {
            node.WithAttribute("ratio", (float)dropout);
        }

        model.Graph.Node.Add(node);
        return dropped;
    }

    private static void AddWeight(OnnxModel model, string name, long[] shape, double[] values) =>
        model.Graph.Initializer.Add(
            TensorValues.FromSingles(name, shape, Array.ConvertAll(values, value => (float)value))
        );

    /// <summary>A node without a name of its own.</summary>
    internal static NodeProto Node(string type, IEnumerable<string> inputs, string output) =>
        new()
        {
            OpType = type,
            Input = { inputs },
            Output = { output },
        };
}
