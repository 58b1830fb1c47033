using Graft.Onnx;
using Graft.Prediction;

namespace Graft.Training.FineTuning;

/// <summary>
/// Nodes that compute the novelty score in an exported model: its output <see cref="ClassifierEdges.Unfamiliarity"/>,
/// [N,1], is the distance divided by the threshold.
/// </summary>
internal static class NoveltyOutput
{
    /// <summary>Edge of the product of features and centres: the node that makes it reads the features.</summary>
    public const string Products = Prefix + "products";

    private const string Prefix = "graft.familiarity.";

    /// <summary>Adds the output.</summary>
    /// <param name="model">The model that gets the output.</param>
    /// <param name="edge">Edge of the features, [N,F].</param>
    /// <param name="centres">Unit vectors of the classes, [C][F].</param>
    /// <param name="featureCount">Number of features, F.</param>
    /// <param name="threshold">The distance that is divided by.</param>
    public static void Append(OnnxModel model, string edge, double[][] centres, int featureCount, double threshold)
    {
        GraphProto graph = model.Graph;
        AddWeight("centres", [featureCount, centres.Length], Transposed(centres, featureCount));
        AddWeight("one", [1], [1]);
        AddWeight("threshold", [1], [(float)threshold]);
        bool areAxesInputs = model.Opset >= 18;
        if (areAxesInputs)
        {
            graph.Initializer.Add(TensorValues.FromInt64s(Prefix + "axes", [1], [1]));
        }

        graph.Node.Add(Node("MatMul", "products", edge, Prefix + "centres"));
        graph.Node.Add(Reduction("ReduceMax", "nearest", Prefix + "products", areAxesInputs));
        graph.Node.Add(Reduction("ReduceL2", "norm", edge, areAxesInputs));
        AppendLength(model);
        graph.Node.Add(Node("Div", "cosine", Prefix + "nearest", Prefix + "length"));
        graph.Node.Add(Node("Sub", "distance", Prefix + "one", Prefix + "cosine"));
        NodeProto last = Node("Div", "", Prefix + "distance", Prefix + "threshold");
        last.Output[0] = ClassifierEdges.Unfamiliarity;
        graph.Node.Add(last);
        graph.Output.Add(EdgeDeclaration.Create(ClassifierEdges.Unfamiliarity, [1]));

        void AddWeight(string name, long[] shape, float[] values) =>
            graph.Initializer.Add(TensorValues.FromSingles(Prefix + name, shape, values));
    }

    // Max broadcasts since opset 8.
    private static void AppendLength(OnnxModel model)
    {
        const float Least = (float)NoveltyScore.LeastLength;
        if (model.Opset < 8)
        {
            model.Graph.Node.Add(Node("Clip", "length", Prefix + "norm").WithAttribute("min", Least));
            return;
        }

        model.Graph.Initializer.Add(TensorValues.FromSingles(Prefix + "least", [1], [Least]));
        model.Graph.Node.Add(Node("Max", "length", Prefix + "norm", Prefix + "least"));
    }

    private static float[] Transposed(double[][] centres, int featureCount)
    {
        float[] weights = new float[(long)featureCount * centres.Length]; // [F,C]
        for (int c = 0; c < centres.Length; c++)
        {
            for (int f = 0; f < featureCount; f++)
            {
                weights[(f * centres.Length) + c] = (float)centres[c][f];
            }
        }

        return weights;
    }

    private static NodeProto Node(string operation, string output, params string[] inputs) =>
        new()
        {
            OpType = operation,
            Input = { inputs },
            Output = { Prefix + output },
        };

    // Newer operator sets take the axes as an input.
    private static NodeProto Reduction(string operation, string output, string input, bool areAxesInputs)
    {
        NodeProto node = Node(operation, output, input).WithAttribute("keepdims", 1);
        if (areAxesInputs)
        {
            node.Input.Add(Prefix + "axes");
        }
        else
        {
            node.WithAttribute("axes", [1]);
        }

        return node;
    }
}
