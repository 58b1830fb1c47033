using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Training.Probe;

namespace Graft.Training.Bodies;

/// <summary>Writes a new head's nodes behind a body.</summary>
internal static class HeadBuilder
{
    /// <summary>What the names of a head's weights and edges begin with.</summary>
    public const string Prefix = "graft.head.";

    /// <summary>The edge that the head makes: N x C.</summary>
    public const string Logits = Prefix + "logits";

    /// <summary>The edge at which the body's map has become a vector: N x F.</summary>
    public const string Features = Prefix + "features";

    /// <summary>
    /// Pooling alone: the body's map as a vector, <see cref="Features"/>. The averages of the last map come first, then
    /// those of earlier maps, then the last map's largest values;
    /// <see cref="Pooling.Auto"/> has all of them.
    /// </summary>
    public static OnnxModel AppendPooling(OnnxModel body, FeatureSeam seam, Pooling pooling)
    {
        OnnxModel model = body.Clone();
        string edge =
            seam.Kind == FeatureKind.Map && pooling != Pooling.Flatten ? AppendPools(model, seam, pooling) : seam.Edge;
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Flatten",
                Input = { edge },
                Output = { Features },
            }.With("axis", 1)
        );
        model.Graph.Output.Clear();
        model.Graph.Output.Add(new ValueInfoProto { Name = Features });
        return model;
    }

    /// <summary>The edge behind a map's pools, by which <see cref="Pooling"/> is known again in a file.</summary>
    public static string PoolsOf(Pooling pooling) =>
        pooling == Pooling.Average ? Prefix + "pooled" : Prefix + pooling.ToString().ToLowerInvariant();

    private static string AppendPools(OnnxModel model, FeatureSeam seam, Pooling pooling)
    {
        List<(string Operator, string From, string To)> pools =
        [
            ("GlobalAveragePool", seam.Edge, PoolsOf(Pooling.Average)),
        ];
        if (pooling is Pooling.Stages or Pooling.Auto)
        {
            pools.AddRange(
                seam.Stages.Select((edge, number) => ("GlobalAveragePool", edge, $"{Prefix}pooled.{number + 1}"))
            );
        }

        if (pooling is Pooling.AverageAndMax or Pooling.Auto)
        {
            pools.Add(("GlobalMaxPool", seam.Edge, Prefix + "largest"));
        }

        model.Graph.Node.Add(
            pools.Select(pool => new NodeProto
            {
                OpType = pool.Operator,
                Input = { pool.From },
                Output = { pool.To },
            })
        );
        if (pools.Count == 1)
        {
            return pools[0].To;
        }

        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Concat",
                Input = { pools.Select(pool => pool.To) },
                Output = { PoolsOf(pooling) },
            }.With("axis", 1)
        );
        return PoolsOf(pooling);
    }

    /// <summary>The fully connected layers behind <see cref="Features"/>, down to <see cref="Logits"/>.</summary>
    /// <param name="layers">The last one has a row a class; those before it are followed by ReLU and dropout.</param>
    /// <param name="standardisation">
    /// Where given, nodes of their own in front of the layers, so that a step of any optimiser sees inputs of one size.
    /// Folded into the first layer it would
    /// be the same function but another descent: VGG16's flattened features have a squared length of 1e7, and SGD
    /// diverges at every rate that learns.
    /// </param>
    public static void AppendLayers(
        OnnxModel model,
        IReadOnlyList<LinearLayer> layers,
        double dropout,
        Standardisation? standardisation = null
    )
    {
        string edge = standardisation is null ? Features : AppendStandardisation(model, standardisation);
        for (int i = 0; i < layers.Count; i++)
        {
            LinearLayer layer = layers[i];
            string weight = $"{Prefix}{i}.weight";
            string bias = $"{Prefix}{i}.bias";
            bool isLast = i == layers.Count - 1;
            string output = isLast ? Logits : $"{Prefix}{i}.output";
            model.Graph.Initializer.Add(
                TensorData.Singles(
                    weight,
                    [layer.ClassCount, layer.FeatureCount],
                    Array.ConvertAll(layer.Weight, w => (float)w)
                )
            );
            model.Graph.Initializer.Add(
                TensorData.Singles(bias, [layer.ClassCount], Array.ConvertAll(layer.Bias, b => (float)b))
            );
            model.Graph.Node.Add(
                new NodeProto
                {
                    OpType = "Gemm",
                    Input = { edge, weight, bias },
                    Output = { output },
                }.With("transB", 1)
            );
            edge = output;
            if (!isLast)
            {
                edge = AppendActivation(model, output, i, dropout);
            }
        }

        model.Graph.Output.Clear();
        model.Graph.Output.Add(GraphEdit.FloatValue(Logits, [layers[^1].ClassCount]));
    }

    private static string AppendStandardisation(OnnxModel model, Standardisation standardisation)
    {
        model.Graph.Initializer.Add(
            TensorData.Singles(
                Prefix + "mean",
                [standardisation.FeatureCount],
                Array.ConvertAll(standardisation.Mean, m => (float)m)
            )
        );
        model.Graph.Initializer.Add(
            TensorData.Singles(
                Prefix + "scale",
                [standardisation.FeatureCount],
                Array.ConvertAll(standardisation.Scale, s => (float)s)
            )
        );
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Sub",
                Input = { Features, Prefix + "mean" },
                Output = { Prefix + "centred" },
            }
        );
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Div",
                Input = { Prefix + "centred", Prefix + "scale" },
                Output = { Prefix + "standardised" },
            }
        );
        return Prefix + "standardised";
    }

    private static string AppendActivation(OnnxModel model, string edge, int layer, double dropout)
    {
        string active = $"{Prefix}{layer}.relu";
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Relu",
                Input = { edge },
                Output = { active },
            }
        );
        if (dropout == 0)
        {
            return active;
        }

        string dropped = $"{Prefix}{layer}.dropout";
        NodeProto node = new()
        {
            OpType = "Dropout",
            Input = { active },
            Output = { dropped },
        };
        if (model.Opset >= 12)
        {
            string ratio = $"{Prefix}{layer}.ratio";
            model.Graph.Initializer.Add(TensorData.Singles(ratio, [], [(float)dropout]));
            node.Input.Add(ratio);
        }
        else
        {
            node.With("ratio", (float)dropout);
        }

        model.Graph.Node.Add(node);
        return dropped;
    }
}

/// <summary>Random values for fully connected layers.</summary>
internal static class RandomLayer
{
    /// <summary>
    /// Normal values for inputs of mean 0 and deviation 1 (He et al. 2015, section 2.2).
    /// </summary>
    public static LinearLayer Of(int outputs, int inputs, long seed, int layer)
    {
        CountedRandom random = new((ulong)seed, RandomPurpose.HeadValues, (uint)layer);
        double scale = Math.Sqrt(2.0 / inputs);
        double[] weight = new double[(long)outputs * inputs];
        for (int i = 0; i < weight.Length; i++)
        {
            weight[i] = scale * random.Normal((uint)i);
        }

        return new(outputs, inputs, weight, new double[outputs]);
    }
}
