using Graft.Imaging;
using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>
/// Puts the normalisation of a <see cref="Preprocessing"/> in front of a body, so that the file takes plain pixels.
/// </summary>
internal static class Normalisation
{
    /// <summary>The new input: float32, R, G, B in 0..255, N x 3 x H x W.</summary>
    public const string Input = "image";

    private const string Prefix = "graft.normalisation.";

    /// <summary>A copy of <paramref name="body"/> that begins with channel order, mean and deviation.</summary>
    public static OnnxModel Prepend(OnnxModel body, Preprocessing recipe)
    {
        OnnxModel model = body.Clone();
        string bodyInput = new OnnxGraph(model).Inputs[0].Name;
        bool isBgr = recipe.Order == ChannelOrder.Bgr;
        if (bodyInput == Input)
        {
            bodyInput = Prefix + "output";
            RenameInput(model, Input, bodyInput);
        }

        string edge = Input;
        List<NodeProto> nodes = [];
        if (isBgr)
        {
            model.Graph.Initializer.Add(TensorData.Int64s(Prefix + "order", [3], [2, 1, 0]));
            nodes.Add(
                new NodeProto
                {
                    OpType = "Gather",
                    Input = { edge, Prefix + "order" },
                    Output = { Prefix + "bgr" },
                }.With("axis", 1)
            );
            edge = Prefix + "bgr";
        }

        model.Graph.Initializer.Add(TensorData.Singles(Prefix + "mean", [1, 3, 1, 1], Channels(recipe.Mean, isBgr)));
        model.Graph.Initializer.Add(
            TensorData.Singles(Prefix + "deviation", [1, 3, 1, 1], Channels(recipe.Deviation, isBgr))
        );
        nodes.Add(
            new NodeProto
            {
                OpType = "Sub",
                Input = { edge, Prefix + "mean" },
                Output = { Prefix + "centred" },
            }
        );
        nodes.Add(
            new NodeProto
            {
                OpType = "Div",
                Input = { Prefix + "centred", Prefix + "deviation" },
                Output = { bodyInput },
            }
        );
        for (int i = 0; i < nodes.Count; i++)
        {
            model.Graph.Node.Insert(i, nodes[i]);
        }

        model.Graph.Input.Clear();
        model.Graph.Input.Add(GraphEdit.FloatValue(Input, [3, recipe.Height, recipe.Width]));
        return model;
    }

    private static float[] Channels(PerChannel value, bool isBgr) =>
        isBgr ? [value.Blue, value.Green, value.Red] : [value.Red, value.Green, value.Blue];

    private static void RenameInput(OnnxModel model, string from, string to)
    {
        foreach (NodeProto node in model.Graph.Node)
        {
            for (int i = 0; i < node.Input.Count; i++)
            {
                node.Input[i] = node.Input[i] == from ? to : node.Input[i];
            }
        }
    }
}
