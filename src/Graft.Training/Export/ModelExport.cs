using Graft.Imaging;
using Graft.Onnx;
using Graft.Prediction;

namespace Graft.Training.Export;

/// <summary>Turns a trained network into the file that is deployed: pixels in, probabilities out.</summary>
internal static class ModelExport
{
    private const string Scaled = "graft.temperature.output";
    private const string TemperatureName = "graft.temperature";

    /// <summary>Normalisation in front, temperature and softmax behind; a free batch dimension; dropout left out.</summary>
    /// <param name="network">Takes normalised images; its first output are the logits, N x C.</param>
    public static OnnxModel Build(OnnxModel network, Preprocessing recipe, double temperature, int classCount)
    {
        OnnxModel model = Normalisation.Prepend(WithoutDropout(network), recipe);
        string logits = model.Graph.Output[0].Name;
        model.Graph.Initializer.Add(TensorData.Singles(TemperatureName, [], [(float)temperature]));
        model.Graph.Node.Add(new NodeProto { OpType = "Div", Input = { logits, TemperatureName }, Output = { Scaled } });
        model.Graph.Node.Add(new NodeProto { OpType = "Softmax", Input = { Scaled }, Output = { ClassifierNetwork.OutputName } }.With("axis", 1));
        model.Graph.Output.Clear();
        model.Graph.Output.Add(GraphEdit.FloatValue(ClassifierNetwork.OutputName, [classCount]));
        model.Graph.ValueInfo.Clear();
        return model;
    }

    private static OnnxModel WithoutDropout(OnnxModel network)
    {
        OnnxModel model = network.Clone();
        Dictionary<string, string> replaced = [];
        foreach (NodeProto node in model.Graph.Node.Where(n => n.OpType == "Dropout" && n.Output.Count(o => o.Length > 0) == 1).ToList())
        {
            replaced[node.Output[0]] = node.Input[0];
            model.Graph.Node.Remove(node);
        }

        foreach (NodeProto node in model.Graph.Node)
        {
            for (int i = 0; i < node.Input.Count; i++)
            {
                while (replaced.TryGetValue(node.Input[i], out string? source))
                {
                    node.Input[i] = source;
                }
            }
        }

        HashSet<string> read = [.. model.Graph.Node.SelectMany(node => node.Reads())];
        foreach (TensorProto unused in model.Graph.Initializer.Where(w => !read.Contains(w.Name)).ToList())
        {
            model.Graph.Initializer.Remove(unused);
        }

        return model;
    }
}
