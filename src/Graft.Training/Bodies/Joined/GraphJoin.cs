using Graft.Imaging;
using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>
/// Puts several networks side by side into one graph with one input. All names of a branch get its prefix.
/// </summary>
internal static class GraphJoin
{
    /// <summary>The graph's input: images as the first branch takes them, N x 3 x H x W.</summary>
    public const string Input = "graft.joined";

    private const string Conversion = "graft.conversion";

    /// <summary>What a branch's own name, such as blocks.5, is called in the joined graph.</summary>
    public static string NameIn(string branch, string name) => $"{branch}/{name}";

    /// <summary>The branch of a name in the joined graph.</summary>
    public static string BranchOf(string name) => name[..name.IndexOf('/', StringComparison.Ordinal)];

    /// <summary>The joined graph. Its outputs are the branches' last edges, in their order.</summary>
    /// <param name="branches">The networks with the names of their branches. All take images of one size.</param>
    /// <exception cref="GraftException">The networks were written for different operator sets.</exception>
    public static OnnxModel Of(IReadOnlyList<(string Name, TrainableBody Body)> branches)
    {
        (string firstName, TrainableBody first) = branches[0];
        OnnxModel joined = OnnxModel.Create(string.Join('+', branches.Select(branch => branch.Name)));
        joined.Proto.OpsetImport.Clear();
        joined.Graph.Input.Add(EdgeDeclaration.Create(Input, first.InputShape));
        foreach ((string name, TrainableBody body) in branches)
        {
            AddOperatorSets(joined, body.Model, firstName, name);
            GraphProto graph = body.Model.Graph.Clone();
            string input = new OnnxGraph(body.Model).Inputs[0].Name;
            bool isConverted = Convert(joined, first.Preprocessing, body.Preprocessing, name, NameIn(name, input));
            Rename(graph, edge => edge == input && !isConverted ? Input : NameIn(name, edge));
            joined.Graph.Node.AddRange(graph.Node);
            joined.Graph.Initializer.AddRange(graph.Initializer);
            joined.Graph.Output.Add(new ValueInfoProto { Name = NameIn(name, body.Boundary.Edge) });
        }

        return joined;
    }

    private static void AddOperatorSets(OnnxModel joined, OnnxModel branch, string firstName, string name)
    {
        foreach (OperatorSetIdProto set in branch.Proto.OpsetImport)
        {
            OperatorSetIdProto? known = joined.Proto.OpsetImport.FirstOrDefault(one =>
                Plain(one.Domain) == Plain(set.Domain)
            );
            if (known is null)
            {
                joined.Proto.OpsetImport.Add(set.Clone());
            }
            else if (known.Version != set.Version)
            {
                throw new GraftException(
                    $"'{firstName}' and '{name}' cannot be joined: they are written for the operator sets "
                        + $"{known.Version} and {set.Version}; export an ONNX file for the operator set of the other"
                );
            }
        }

        joined.Proto.IrVersion = Math.Max(joined.Proto.IrVersion, branch.Proto.IrVersion);
    }

    private static string Plain(string domain) => domain == "ai.onnx" ? "" : domain;

    /// <summary>
    /// Adds nodes that turn images as one body takes them into images for another: (x s + m - n) / t, where s and m are
    /// the deviation and mean of the one, t and n those of the other. False where both take the same.
    /// </summary>
    private static bool Convert(OnnxModel joined, Preprocessing from, Preprocessing to, string branch, string output)
    {
        bool isTurned = from.Order != to.Order;
        if (from.Mean == to.Mean && from.Deviation == to.Deviation && !isTurned)
        {
            return false;
        }

        string prefix = NameIn(branch, Conversion);
        string edge = Input;
        if (isTurned)
        {
            joined.Graph.Node.Add(Constant(TensorValues.FromInt64s(prefix + ".order", [3], [2, 1, 0])));
            edge = prefix + ".turned";
            joined.Graph.Node.Add(Node("Gather", Input, prefix + ".order", edge).WithAttribute("axis", 1));
        }

        float[] scale = InOrder(to, channel => channel(from.Deviation) / channel(to.Deviation));
        float[] offset = InOrder(to, channel => (channel(from.Mean) - channel(to.Mean)) / channel(to.Deviation));
        joined.Graph.Node.Add(Constant(TensorValues.FromSingles(prefix + ".scale", [1, 3, 1, 1], scale)));
        joined.Graph.Node.Add(Constant(TensorValues.FromSingles(prefix + ".offset", [1, 3, 1, 1], offset)));
        joined.Graph.Node.Add(Node("Mul", edge, prefix + ".scale", prefix + ".scaled"));
        joined.Graph.Node.Add(Node("Add", prefix + ".scaled", prefix + ".offset", output));
        return true;
    }

    private static float[] InOrder(Preprocessing preprocessing, Func<Func<PerChannel, float>, float> value)
    {
        float[] values = [value(one => one.Red), value(one => one.Green), value(one => one.Blue)];
        if (preprocessing.Order == ChannelOrder.Bgr)
        {
            Array.Reverse(values);
        }

        return values;
    }

    private static NodeProto Node(string type, string first, string second, string output) =>
        new()
        {
            OpType = type,
            Name = output,
            Input = { first, second },
            Output = { output },
        };

    // A constant and no weight: an edge behind it alone ends no stage.
    private static NodeProto Constant(TensorProto values)
    {
        NodeProto constant = new()
        {
            OpType = "Constant",
            Name = values.Name,
            Output = { values.Name },
        };
        constant.Attribute.Add(
            new AttributeProto
            {
                Name = "value",
                Type = AttributeProto.Types.AttributeType.Tensor,
                T = values,
            }
        );
        return constant;
    }

    // Nested graphs of If, Loop and Scan read outer edges by name, so theirs are renamed alike.
    private static void Rename(GraphProto graph, Func<string, string> nameOf)
    {
        string Renamed(string name) => name.Length == 0 ? name : nameOf(name);
        foreach (NodeProto node in graph.Node)
        {
            node.Name = Renamed(node.Name);
            for (int i = 0; i < node.Input.Count; i++)
            {
                node.Input[i] = Renamed(node.Input[i]);
            }

            for (int i = 0; i < node.Output.Count; i++)
            {
                node.Output[i] = Renamed(node.Output[i]);
            }

            foreach (
                GraphProto nested in node.Attribute.SelectMany(one =>
                    one.G is null ? one.Graphs : one.Graphs.Append(one.G)
                )
            )
            {
                Rename(nested, nameOf);
            }
        }

        foreach (TensorProto weight in graph.Initializer)
        {
            weight.Name = Renamed(weight.Name);
        }

        foreach (ValueInfoProto value in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo))
        {
            value.Name = Renamed(value.Name);
        }
    }
}
