using DataType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Onnx;

/// <summary>
/// Rewrites a graph into the one form that the rest of Graft reads: exporters write the same network in many ways. The
/// outputs keep their values.
/// </summary>
internal static class Canonicalization
{
    /// <summary>Removes weights from the list of inputs, where IR 3 requires them.</summary>
    public static void RemoveWeightInputs(OnnxModel model)
    {
        HashSet<string> weights = [.. model.Graph.Initializer.Select(t => t.Name)];
        foreach (ValueInfoProto input in model.Graph.Input.Where(i => weights.Contains(i.Name)).ToList())
        {
            model.Graph.Input.Remove(input);
        }

        model.Proto.IrVersion = Math.Max(model.Proto.IrVersion, 4); // before IR 4 every weight had to be an input
    }

    /// <summary>Turns Constant nodes that hold numbers into weights, and returns their number.</summary>
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
    /// Removes Identity and Dropout, switches batch normalization to its stored statistics, and returns the number of
    /// removed nodes.
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

            bool isPassThrough =
                node.OpType is "Identity" or "Dropout"
                && node.Input.Count > 0
                && node.Output.Skip(1).All(o => o.Length == 0 || graph.ConsumersOf(o).Count == 0);
            bool isCaptured =
                node.Output.Count > 0
                && graph.ConsumersOf(node.Output[0]).Any(reader => !reader.Input.Contains(node.Output[0]));
            if (!isPassThrough || isCaptured || outputs.Contains(node.Output[0]))
            {
                continue;
            }

            if (graph.Weights.TryGetValue(node.Input[0], out TensorProto? weight))
            {
                // Exporters store equal weights once and share them; training must be able to change them separately.
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
    /// Gives each reader of a float weight its own copy; the bytes stay shared. If a cut lies between two readers, one
    /// is frozen and the other is trained.
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
                continue; // a nested graph of an If or a Loop reads it
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
    /// Keeps the output that depends on the most nodes; the first of equals. Auxiliary classifiers and other outputs
    /// disappear together with the nodes and inputs that only they need.
    /// </summary>
    public static OnnxModel KeepMainOutput(OnnxModel model)
    {
        OnnxGraph graph = new(model);
        string main = graph.Outputs.Select(o => o.Name).MaxBy(edge => graph.Ancestors([edge]).Count)!;
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

    // Removes nodes that pass their input on, and connects their readers to that input.
    private static int Reconnect(OnnxModel model, Dictionary<string, string> replaced, HashSet<string> gone)
    {
        NodeProto[] passThroughs =
        [
            .. model.Graph.Node.Where(n => n.OpType is "Identity" or "Dropout" && gone.Contains(n.Output[0])),
        ];
        foreach (NodeProto passThrough in passThroughs)
        {
            model.Graph.Node.Remove(passThrough);
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

        return passThroughs.Length;
    }

    private static void Rename(NodeProto node, string from, string to)
    {
        for (int i = 0; i < node.Input.Count; i++)
        {
            node.Input[i] = node.Input[i] == from ? to : node.Input[i];
        }
    }
}
