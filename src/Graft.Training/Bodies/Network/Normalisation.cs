using Graft.Imaging;
using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>Puts a body's normalisation into its graph, in front, so that the graph takes plain pixels.</summary>
internal static class Normalisation
{
    /// <summary>The new input: float32 pixels in 0..255, N x 3 x H x W, in the order red, green, blue.</summary>
    public const string Input = "image";

    /// <summary>The edge of the pixels less their means. It marks the normalisation in a stored model.</summary>
    public const string CentredEdge = Prefix + "centred";

    private const string Prefix = "graft.normalisation.";
    private const string OrderWeight = Prefix + "order";
    private const string MeanWeight = Prefix + "mean";
    private const string DeviationWeight = Prefix + "deviation";

    /// <summary>
    /// A copy of <paramref name="body"/> that begins with the channel order, mean and deviation of
    /// <paramref name="preprocessing"/>.
    /// </summary>
    public static OnnxModel Prepend(OnnxModel body, Preprocessing preprocessing)
    {
        OnnxModel model = body.Clone();
        string bodyInput = new OnnxGraph(model).Inputs[0].Name;
        bool isBgr = preprocessing.Order == ChannelOrder.Bgr;
        if (bodyInput == Input)
        {
            bodyInput = Prefix + "output";
            RenameInput(model, Input, bodyInput);
        }

        string pixels = Input;
        List<NodeProto> nodes = [];
        if (isBgr)
        {
            pixels = Prefix + "bgr";
            model.Graph.Initializer.Add(TensorValues.FromInt64s(OrderWeight, [3], [2, 1, 0]));
            nodes.Add(Node("Gather", Input, OrderWeight, pixels).WithAttribute("axis", 1));
        }

        AddChannels(model, MeanWeight, preprocessing.Mean, isBgr);
        AddChannels(model, DeviationWeight, preprocessing.Deviation, isBgr);
        nodes.Add(Node("Sub", pixels, MeanWeight, CentredEdge));
        nodes.Add(Node("Div", CentredEdge, DeviationWeight, bodyInput));
        for (int i = 0; i < nodes.Count; i++)
        {
            model.Graph.Node.Insert(i, nodes[i]);
        }

        model.Graph.Input.Clear();
        model.Graph.Input.Add(EdgeDeclaration.Create(Input, [3, preprocessing.Height, preprocessing.Width]));
        return model;
    }

    private static NodeProto Node(string type, string first, string second, string output) =>
        new()
        {
            OpType = type,
            Input = { first, second },
            Output = { output },
        };

    private static void AddChannels(OnnxModel model, string name, PerChannel value, bool isBgr)
    {
        float[] channels = isBgr ? [value.Blue, value.Green, value.Red] : [value.Red, value.Green, value.Blue];
        model.Graph.Initializer.Add(TensorValues.FromSingles(name, [1, 3, 1, 1], channels));
    }

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
