using DataType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Onnx;

/// <summary>Makes an image input float32, N x 3 x H x W with a dynamic batch, whatever the file takes.</summary>
internal static class InputCanonicalization
{
    private const string Name = "graft.input";
    private const string Weights = Name + ".grey";
    private const int AxesAreInputs = 18; // since this opset of ReduceMean

    // ITU-R BT.601, as Pillow and OpenCV make pictures grey.
    private static readonly double[] s_luma = [0.299, 0.587, 0.114];

    /// <summary>
    /// Declares the input anew, and adds the nodes that turn it into what the file takes: a conversion to grey, a Cast
    /// and a Transpose, where they are needed.
    /// </summary>
    public static void Apply(OnnxModel model, ImageInput input)
    {
        model.Graph.Input.Clear();
        List<NodeProto> nodes =
        [
            .. input.IsGrey ? Grey(model) : [],
            .. input.IsBytes ? Bytes(isRounded: input.IsGrey) : [],
            .. input.IsChannelsLast
                ? (NodeProto[])[Node("Transpose", "transposed").WithAttribute("perm", 0, 2, 3, 1)]
                : [],
        ];
        string edge = nodes.Count == 0 ? input.Edge : Name;
        model.Graph.Input.Add(EdgeDeclaration.Create(edge, [3, input.Height, input.Width]));
        for (int i = 0; i < nodes.Count; i++)
        {
            if (nodes[i].OpType != "Constant")
            {
                nodes[i].Input.Insert(0, edge);
                edge = nodes[i].Output[0];
            }

            model.Graph.Node.Insert(i, nodes[i]);
        }

        if (nodes.Count > 0)
        {
            nodes[^1].Output[0] = input.Edge;
        }
    }

    // The mean of 3 w x over the channels is the sum of w x. The factors are constants and no weights, which training
    // would change.
    private static NodeProto[] Grey(OnnxModel model)
    {
        float[] divisors = Array.ConvertAll(s_luma, luma => (float)(1 / (3 * luma)));
        NodeProto mean = Node("ReduceMean", "grey").WithAttribute("keepdims", 1L);
        if (model.Opset >= AxesAreInputs)
        {
            model.Graph.Initializer.Add(TensorValues.FromInt64s(Weights + ".axes", [1], [1]));
            mean.Input.Add(Weights + ".axes");
        }
        else
        {
            mean.WithAttribute("axes", [1]);
        }

        NodeProto weighted = Node("Div", "weighted");
        weighted.Input.Add(Weights + ".divisors");
        return [Constant(Weights + ".divisors", [1, 3, 1, 1], divisors), weighted, mean];
    }

    // Cast cuts the fraction off. Pixels have none unless they were made grey.
    private static NodeProto[] Bytes(bool isRounded)
    {
        NodeProto cast = Node("Cast", "bytes").WithAttribute("to", (long)DataType.Uint8);
        if (!isRounded)
        {
            return [cast];
        }

        NodeProto half = Node("Add", "half");
        half.Input.Add(Weights + ".half");
        return [Constant(Weights + ".half", [], [0.5f]), half, cast];
    }

    private static NodeProto Node(string operation, string name) =>
        new()
        {
            OpType = operation,
            Name = $"{Name}.{name}",
            Output = { $"{Name}.{name}" },
        };

    private static NodeProto Constant(string name, long[] shape, float[] values)
    {
        NodeProto constant = new()
        {
            OpType = "Constant",
            Name = name,
            Output = { name },
        };
        constant.Attribute.Add(
            new AttributeProto
            {
                Name = "value",
                Type = AttributeProto.Types.AttributeType.Tensor,
                T = TensorValues.FromSingles(name, shape, values),
            }
        );
        return constant;
    }
}
