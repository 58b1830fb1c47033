namespace Graft.Onnx;

/// <summary>
/// Takes com.microsoft's FusedConv, which ONNX Runtime's optimiser saves, apart into the convolution, the sum and the
/// activation that it was made of: operators that
/// can be trained and whose cost is counted.
/// </summary>
internal static class FusedConvolution
{
    private const string Suffix = "/graft.conv";
    private const int PlaceOfSum = 3;

    // The names of the parameters in activation_params, in their order (ONNX Runtime, conv_activation_fusion.cc).
    private static readonly Dictionary<string, string[]> s_activations = new()
    {
        ["Relu"] = [],
        ["Sigmoid"] = [],
        ["Tanh"] = [],
        ["LeakyRelu"] = ["alpha"],
        ["HardSigmoid"] = ["alpha", "beta"],
        ["Clip"] = ["min", "max"],
    };

    /// <summary>Returns how many nodes were taken apart.</summary>
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
            Input = { node.Input.Take(PlaceOfSum) },
            Output = { edge },
        };
        convolution.Attribute.AddRange(
            node.Attribute.Where(a => !a.Name.StartsWith("activation", StringComparison.Ordinal))
        );
        List<NodeProto> parts = [convolution];
        if (node.Input.Count > PlaceOfSum && node.Input[PlaceOfSum].Length > 0)
        {
            parts.Add(
                new NodeProto
                {
                    OpType = "Add",
                    Name = edge + "/sum",
                    Input = { edge, node.Input[PlaceOfSum] },
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
            if (kind == "Clip" && model.Opset >= 11) // its limits are inputs since then
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
