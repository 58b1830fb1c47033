using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Torch.Operators;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Graft.Torch;

/// <summary>
/// Compiles a graph into steps over numbered slots, and its weights into parameters and constants.
/// </summary>
internal sealed class GraphCompiler
{
    private readonly OnnxGraph _graph;
    private readonly OnnxModel _model;
    private readonly TorchGraphOptions _options;
    private readonly Dictionary<string, int> _slots = [];
    private int _dropouts;

    public GraphCompiler(OnnxModel model, TorchGraphOptions options)
    {
        _model = model;
        _graph = new OnnxGraph(model);
        _options = options;
    }

    public Dictionary<string, Parameter> Parameters { get; } = [];

    public Dictionary<string, Tensor> Buffers { get; } = [];

    /// <summary>Values that are the same in every run, by slot.</summary>
    public Dictionary<int, EdgeValue> Constants { get; } = [];

    public List<NodeStep> Steps { get; } = [];

    public OnnxGraph Graph => _graph;

    public int SlotCount => _slots.Count;

    public int SlotOf(string edge)
    {
        if (!_slots.TryGetValue(edge, out int slot))
        {
            _slots[edge] = slot = _slots.Count;
        }

        return slot;
    }

    /// <exception cref="OnnxException">A node's operator or attributes are not supported.</exception>
    public void Compile()
    {
        foreach (NodeProto node in _graph.Nodes)
        {
            CheckKnown(node);
        }

        ParameterRoles roles = new(_graph);
        foreach (
            TensorProto weight in _graph.Weights.Values.Where(w =>
                _graph.ConsumersOf(w.Name).Count > 0 || _graph.Outputs.Any(o => o.Name == w.Name)
            )
        )
        {
            AddWeight(weight.Name, ElementTypes.Load(weight, weight.Name), roles);
        }

        HashSet<NodeProto> folded = new(ReferenceEqualityComparer.Instance);
        foreach (NodeProto node in _graph.Nodes)
        {
            if (ConstantOf(node) is { } value)
            {
                AddWeight(node.Output[0], value, roles);
            }
            else if (ConvolutionFolding.Find(_graph, node) is { } norm)
            {
                folded.Add(norm);
                AddFolded(node, norm);
            }
            else if (!folded.Contains(node))
            {
                Add(node, node.Input, node.Output);
            }
        }

        AddBuffers();
        MarkLastReads();
    }

    private static void CheckKnown(NodeProto node)
    {
        if (node.Domain is not ("" or "ai.onnx"))
        {
            throw new OnnxException(
                NodeContext.TitleOf(node),
                $"the operator belongs to '{Printable.Text(node.Domain)}', which Graft cannot train; "
                    + "cut the network after it"
            );
        }

        if (!OperatorTable.Default.Contains(node.OpType))
        {
            throw new OnnxException(
                NodeContext.TitleOf(node),
                $"the operator '{Printable.Text(node.OpType)}' is not one that Graft can train "
                    + "(docs/operators.md); cut the network after it"
            );
        }
    }

    /// <summary>
    /// Returns the value of a node that makes a constant, as which old exporters store weights; else null.
    /// </summary>
    private Tensor? ConstantOf(NodeProto node)
    {
        bool isConstant =
            node.OpType == "Constant"
            || (node.OpType == "ConstantOfShape" && node.Input.Count > 0 && IsConstant(node.Input[0]));
        if (!isConstant)
        {
            return null;
        }

        NodeContext context = Context(node);
        using DisposeScope scope = NewDisposeScope();
        OperatorTable.Default.TryFind(node.OpType, out Func<NodeContext, Kernel> make);
        EdgeValue?[] slots = [node.OpType == "Constant" ? null : Constants[_slots[node.Input[0]]]];
        return Guarded(context, () =>
            make(context)(new NodeInputs(context, slots, [0], true, false, null))[0].DetachFromDisposeScope()
        );
    }

    private bool IsConstant(string edge) => _slots.TryGetValue(edge, out int slot) && Constants.ContainsKey(slot);

    private void AddWeight(string edge, Tensor master, ParameterRoles roles)
    {
        int slot = SlotOf(edge);
        using DisposeScope scope = NewDisposeScope();
        bool isParameter =
            master.is_floating_point()
            && master.dim() > 0
            && (_options.IsTrainable?.Invoke(edge) ?? true)
            && roles.IsParameter(edge, master.numel());
        bool isKernel =
            _options.ChannelsLast && master.dim() == 4 && _graph.ConsumersOf(edge).All(node => node.OpType == "Conv");
        using Tensor plain = master;
        Tensor ordered = isKernel ? ChannelsLast.Of(plain) : plain.alias();
        if (isParameter)
        {
            Parameter parameter = new(ordered.to(_options.Device, copy: true));
            parameter.DetachFromDisposeScope();
            Parameters[edge] = parameter;
        }
        else
        {
            Constants[slot] = new EdgeValue(ordered.DetachFromDisposeScope(), isHost: true);
        }
    }

    private void Add(NodeProto node, IList<string> inputs, IList<string> outputs)
    {
        OperatorTable.Default.TryFind(node.OpType, out Func<NodeContext, Kernel> make);
        NodeContext context = Context(node);
        AddStep(context, Guarded(context, () => make(context)), inputs, outputs);
    }

    private void AddFolded(NodeProto convolution, NodeProto norm)
    {
        NodeContext context = Context(norm);
        string weight = $"{norm.Output[0]}\0weight",
            bias = $"{norm.Output[0]}\0bias"; // the zero character keeps them apart from the file's edges
        List<string> read =
        [
            convolution.Input[1],
            convolution.Input.Count > 2 ? convolution.Input[2] : "",
            .. norm.Input.Skip(1).Take(4),
        ];
        AddStep(context, Guarded(context, () => ConvolutionFolding.Make(context)), read, [weight, bias]);
        Add(convolution, [convolution.Input[0], weight, bias], [norm.Output[0]]);
    }

    private void AddStep(NodeContext context, Kernel kernel, IList<string> inputs, IList<string> outputs) =>
        Steps.Add(
            new NodeStep(
                context,
                kernel,
                [.. inputs.Select(edge => edge.Length > 0 ? SlotOf(edge) : -1)],
                [.. outputs.Select(edge => edge.Length > 0 ? SlotOf(edge) : -1)]
            )
        );

    private NodeContext Context(NodeProto node) =>
        new(node, _model.Opset, _options) { DropoutIndex = node.OpType == "Dropout" ? _dropouts++ : 0 };

    private static T Guarded<T>(NodeContext node, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (Exception error) when (TorchErrors.IsGraphError(error))
        {
            throw TorchErrors.Wrap(node, error);
        }
    }

    private void AddBuffers()
    {
        IEnumerable<string> statistics = _graph
            .Nodes.Where(node => node.OpType == "BatchNormalization")
            .SelectMany(node => node.Input.Skip(3).Take(2));
        foreach (string edge in statistics.Where(IsConstant))
        {
            Buffers[edge] = Constants[_slots[edge]].Tensor;
        }
    }

    private void MarkLastReads()
    {
        HashSet<int> needed = [.. _graph.Outputs.Select(output => SlotOf(output.Name)), .. Constants.Keys];
        for (int i = Steps.Count - 1; i >= 0; i--)
        {
            NodeStep step = Steps[i];
            step.FreedSlots =
            [
                .. step.Inputs.Concat(step.Outputs).Where(slot => slot >= 0 && needed.Add(slot)).Distinct(),
            ];
        }
    }
}
