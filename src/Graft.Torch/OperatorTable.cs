using Graft.Torch.Operators;
using static TorchSharp.torch;

namespace Graft.Torch;

/// <summary>The operators that <see cref="TorchGraph"/> runs, by their ONNX names.</summary>
internal sealed class OperatorTable
{
    private readonly SortedDictionary<string, (Func<NodeContext, Kernel> Make, string Family, string Note)> _operators =
        new(StringComparer.Ordinal);

    private OperatorTable()
    {
        ConvolutionOperators.Register(this);
        PoolingOperators.Register(this);
        NormalisationOperators.Register(this);
        ActivationOperators.Register(this);
        FunctionOperators.Register(this);
        ArithmeticOperators.Register(this);
        LogicOperators.Register(this);
        MatrixOperators.Register(this);
        ReductionOperators.Register(this);
        SoftmaxOperators.Register(this);
        ShapeOperators.Register(this);
        JoinOperators.Register(this);
        SliceOperators.Register(this);
        GatherOperators.Register(this);
        PadOperators.Register(this);
        ConstantOperators.Register(this);
        DropoutOperators.Register(this);
        SpaceOperators.Register(this);
        ResizeOperators.Register(this);
    }

    public static OperatorTable Default { get; } = new();

    /// <summary>Name, family and limits ("" for none) of each operator, sorted by name.</summary>
    public IEnumerable<(string Name, string Family, string Note)> List =>
        _operators.Select(entry => (entry.Key, entry.Value.Family, entry.Value.Note));

    public bool Contains(string name) => _operators.ContainsKey(name);

    public bool TryFind(string name, out Func<NodeContext, Kernel> make)
    {
        bool isKnown = _operators.TryGetValue(name, out (Func<NodeContext, Kernel> Make, string, string) entry);
        make = entry.Make;
        return isKnown;
    }

    public Family In(string family) => new(this, family);

    internal readonly struct Family(OperatorTable table, string family)
    {
        public Family Add(string name, Func<NodeContext, SingleKernel> make, string note = "")
        {
            return AddMany(name, Make, note);

            Kernel Make(NodeContext node)
            {
                SingleKernel kernel = make(node);
                return x => [kernel(x)];
            }
        }

        public Family AddMany(string name, Func<NodeContext, Kernel> make, string note = "")
        {
            table._operators.Add(name, (make, family, note));
            return this;
        }

        /// <summary>Adds an operator with one input and no attributes.</summary>
        public Family Add(string name, Func<Tensor, Tensor> function, string note = "") =>
            Add(name, _ => x => function(x[0]), note);
    }
}
