namespace Graft.Onnx;

/// <summary>
/// Expands com.microsoft's FusedConv, which ONNX Runtime's optimizer saves, into a convolution, a sum and an
/// activation. These can be trained, and their cost can be counted.
/// </summary>
internal static class FusedConvolution
{
    private const string Suffix = "/graft.conv";
    private const int SumIndex = 3;

    // Names of the values in activation_params, in order (ONNX Runtime, conv_activation_fusion.cc).
    private static readonly Dictionary<string, string[]> s_activations = new()
    {
        ["Relu"] = [],
        ["Sigmoid"] = [],
        ["Tanh"] = [],
        ["LeakyRelu"] = ["alpha"],
        ["HardSigmoid"] = ["alpha", "beta"],
        ["Clip"] = ["min", "max"],
    };

    /// <summary>Expands all fused convolutions of a model, and returns their number.</summary>
    public static int Expand(OnnxModel model)
    {
        NodeProto[] nodes = [.. model.Graph.Node.Where(IsKnown)];
        foreach (NodeProto node in nodes)
        {
            int at = model.Graph.Node.IndexOf(node);
            model.Graph.Node.RemoveAt(at);
            foreach (NodeProto part in Parts(model, node))
            {
                model.Graph.Node.Insert(at++, part);
            }
        }

        return nodes.Length;
    }

    private static bool IsKnown(NodeProto node) =>
        node.Domain == "com.microsoft"
        && node.OpType == "FusedConv"
        && node.Output.Count == 1
        && s_activations.TryGetValue(node.GetString("activation", ""), out string[]? names)
        && (node.GetFloats("activation_params") ?? []).Length == names.Length;

    private static List<NodeProto> Parts(OnnxModel model, NodeProto node)
    {
        string edge = node.Output[0] + Suffix;
        NodeProto convolution = new()
        {
            OpType = "Conv",
            Name = node.Name.Length > 0 ? node.Name : edge,
            Input = { node.Input.Take(SumIndex) },
            Output = { edge },
        };
        convolution.Attribute.AddRange(
            node.Attribute.Where(a => !a.Name.StartsWith("activation", StringComparison.Ordinal))
        );
        List<NodeProto> parts = [convolution];
        if (node.Input.Count > SumIndex && node.Input[SumIndex].Length > 0)
        {
            parts.Add(
                new NodeProto
                {
                    OpType = "Add",
                    Name = edge + "/sum",
                    Input = { edge, node.Input[SumIndex] },
                    Output = { edge + "/sum" },
                }
            );
            edge += "/sum";
        }

        parts.Add(Activation(model, node, edge));
        return parts;
    }

    private static NodeProto Activation(OnnxModel model, NodeProto node, string edge)
    {
        string kind = node.GetString("activation", "");
        float[] values = node.GetFloats("activation_params") ?? [];
        NodeProto activation = new()
        {
            OpType = kind,
            Name = edge + "/" + kind,
            Input = { edge },
            Output = { node.Output[0] },
        };
        for (int i = 0; i < values.Length; i++)
        {
            if (kind == "Clip" && model.Opset >= 11) // the limits are inputs since opset 11
            {
                string limit = $"{edge}/{s_activations[kind][i]}";
                model.Graph.Initializer.Add(TensorValues.FromSingles(limit, [], [values[i]]));
                activation.Input.Add(limit);
            }
            else
            {
                activation.WithAttribute(s_activations[kind][i], values[i]);
            }
        }

        return activation;
    }
}
