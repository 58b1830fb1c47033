using DataType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Onnx;

/// <summary>
/// Rewrites what exporters write in many ways into the one way that the rest of Graft reads. The values that come out
/// stay the same.
/// </summary>
internal static class Canonicalization
{
    /// <summary>Weights listed among the inputs (IR 3) are weights alone.</summary>
    public static void RemoveWeightInputs(OnnxModel model)
    {
        HashSet<string> weights = [.. model.Graph.Initializer.Select(t => t.Name)];
        foreach (ValueInfoProto input in model.Graph.Input.Where(i => weights.Contains(i.Name)).ToList())
        {
            model.Graph.Input.Remove(input);
        }

        model.Proto.IrVersion = Math.Max(model.Proto.IrVersion, 4); // before IR 4 every weight had to be an input
    }

    /// <summary>Constant nodes that hold numbers become initialisers; returns how many.</summary>
    public static int LiftConstants(OnnxModel model)
    {
        int count = 0;
        foreach (NodeProto node in model.Graph.Node.Where(n => n.OpType == "Constant").ToList())
        {
            if (ValueOf(node) is TensorProto value)
            {
                model.Graph.Node.Remove(node);
                model.Graph.Initializer.Add(value);
                count++;
            }
        }

        return count;
    }

    /// <summary>
    /// Identity and Dropout vanish, batch-norm works with its kept statistics: the network as it predicts.
    /// </summary>
    public static int ToInferenceMode(OnnxModel model)
    {
        HashSet<string> outputs = [.. model.Graph.Output.Select(o => o.Name)];
        Dictionary<string, string> replaced = [];
        OnnxGraph graph = new(model);
        foreach (NodeProto node in graph.Nodes)
        {
            if (
                node.OpType == "BatchNormalization"
                && node.GetInt("training_mode", 0) != 0
                && node.Output.Skip(1).All(o => graph.ConsumersOf(o).Count == 0)
            )
            {
                node.Attribute.Remove(node.FindAttribute("training_mode"));
                KeepFirstOutput(node);
            }

            bool isPassage =
                node.OpType is "Identity" or "Dropout"
                && node.Input.Count > 0
                && node.Output.Skip(1).All(o => o.Length == 0 || graph.ConsumersOf(o).Count == 0);
            bool isCaptured =
                node.Output.Count > 0
                && graph.ConsumersOf(node.Output[0]).Any(reader => !reader.Input.Contains(node.Output[0]));
            if (!isPassage || isCaptured || outputs.Contains(node.Output[0]))
            {
                continue;
            }

            if (graph.Weights.TryGetValue(node.Input[0], out TensorProto? weight))
            {
                // Exporters keep one of several equal weights and point to it; training must be able to make them
                // differ.
                TensorProto copy = weight.Clone();
                copy.Name = node.Output[0];
                model.Graph.Initializer.Add(copy);
            }
            else
            {
                replaced[node.Output[0]] = node.Input[0];
            }
        }

        HashSet<string> gone = [.. replaced.Keys, .. model.Graph.Initializer.Select(t => t.Name)];
        return Reconnect(model, replaced, gone);
    }

    /// <summary>
    /// A float weight that several nodes read gets a copy for each (the bytes are shared): a cut may lie between the
    /// readers, and then one is frozen and one is trained.
    /// </summary>
    public static void DuplicateSharedWeights(OnnxModel model)
    {
        OnnxGraph graph = new(model);
        foreach (
            TensorProto weight in graph
                .Weights.Values.Where(w => TensorValues.IsFloat(w) && TensorValues.ElementCount(w, w.Name) > 1)
                .ToList()
        )
        {
            IReadOnlyList<NodeProto> readers = graph.ConsumersOf(weight.Name);
            if (readers.Any(reader => !reader.Input.Contains(weight.Name)))
            {
                continue; // read inside the body of an If or a Loop
            }

            for (int r = 1; r < readers.Count; r++)
            {
                TensorProto copy = weight.Clone();
                copy.Name = $"{weight.Name}/{r}";
                if (graph.Weights.ContainsKey(copy.Name) || graph.ProducerOf(copy.Name) is not null)
                {
                    continue;
                }

                model.Graph.Initializer.Add(copy);
                Rename(readers[r], weight.Name, copy.Name);
            }
        }
    }

    /// <summary>
    /// The one output that decides: that of the most nodes, of equals the first. Auxiliary classifiers and outputs for
    /// inspection go, with the nodes and inputs that only they need.
    /// </summary>
    public static OnnxModel KeepMainOutput(OnnxModel model)
    {
        OnnxGraph graph = new(model);
        string main = graph
            .Outputs.Select(o => o.Name)
            .MaxBy(edge => Subgraph.Ancestors(graph, [edge], stopAt: null).Count)!;
        OnnxModel prefix = Subgraph.Prefix(model, main);
        HashSet<string> read = [main, .. prefix.Graph.Node.SelectMany(node => node.InputEdges())];
        foreach (ValueInfoProto unused in prefix.Graph.Input.Where(i => !read.Contains(i.Name)).ToList())
        {
            prefix.Graph.Input.Remove(unused);
        }

        return prefix;
    }

    private static TensorProto? ValueOf(NodeProto node)
    {
        string name = node.Output[0];
        if (node.FindAttribute("value")?.T is TensorProto tensor && tensor.DataType != (int)DataType.String)
        {
            TensorProto value = tensor.Clone();
            value.Name = name;
            return value;
        }

        return node.FindAttribute("value_float") is AttributeProto single
                ? TensorValues.FromSingles(name, [], [single.F])
            : node.GetFloats("value_floats") is float[] singles
                ? TensorValues.FromSingles(name, [singles.Length], singles)
            : node.FindAttribute("value_int") is AttributeProto whole ? TensorValues.FromInt64s(name, [], [whole.I])
            : node.GetInts("value_ints") is long[] wholes ? TensorValues.FromInt64s(name, [wholes.Length], wholes)
            : null;
    }

    private static void KeepFirstOutput(NodeProto node)
    {
        while (node.Output.Count > 1)
        {
            node.Output.RemoveAt(node.Output.Count - 1);
        }
    }

    // Takes the passages out and lets their readers read what they passed on.
    private static int Reconnect(OnnxModel model, Dictionary<string, string> replaced, HashSet<string> gone)
    {
        NodeProto[] passages =
        [
            .. model.Graph.Node.Where(n => n.OpType is "Identity" or "Dropout" && gone.Contains(n.Output[0])),
        ];
        foreach (NodeProto passage in passages)
        {
            model.Graph.Node.Remove(passage);
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

        return passages.Length;
    }

    private static void Rename(NodeProto node, string from, string to)
    {
        for (int i = 0; i < node.Input.Count; i++)
        {
            node.Input[i] = node.Input[i] == from ? to : node.Input[i];
        }
    }
}
