using DataType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Onnx;

/// <summary>
/// Writes nodes into a model, one short call a layer: each takes the edge that it reads and returns the edge that it
/// makes, and knows what
/// shape that is, so that a network is written as its paper's table. Weights are declared by name and shape and get
/// their values later
/// (<see cref="WeightValues"/>).
/// </summary>
/// <remarks>
/// Works on new models and on loaded ones (a head is written behind a body). Shapes are of one image; the batch
/// dimension is always free.
/// What is not a weight (a clip's limits, a pooling matrix) is a Constant node: every initialiser is a parameter.
/// </remarks>
internal sealed partial class GraphBuilder
{
    private readonly OnnxModel _model;
    private readonly Dictionary<string, EdgeShape> _shapes = [];
    private readonly HashSet<string> _taken;
    private readonly List<TensorProto> _parameters = [];

    /// <param name="model">Of opset 18 to 20: what is written here means the same in them.</param>
    public GraphBuilder(OnnxModel model)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(model.Opset, OnnxModel.DefaultOpset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(model.Opset, 20);
        _model = model;
        GraphProto graph = model.Graph;
        _taken =
        [
            .. graph.Input.Select(i => i.Name),
            .. graph.Initializer.Select(t => t.Name),
            .. graph.Node.SelectMany(n => n.Output),
        ];
    }

    public OnnxModel Model => _model;

    /// <summary>The weights declared by this builder, in the order of their declaration.</summary>
    public IReadOnlyList<TensorProto> Parameters => _parameters;

    /// <summary>The shape of an edge that was made here or announced by <see cref="AddExisting"/>.</summary>
    public EdgeShape ShapeOf(string edge) => _shapes[edge];

    public int ChannelsOf(string edge) => ShapeOf(edge).Channels;

    /// <summary>Announces an edge that the model had before, so that layers can be written behind it.</summary>
    public string AddExisting(string edge, EdgeShape shape)
    {
        _shapes[edge] = shape;
        return edge;
    }

    /// <summary>Declares an input of float32 images.</summary>
    public string Input(string name, EdgeShape shape)
    {
        _model.Graph.Input.Add(Declare(name, shape));
        _taken.Add(name);
        return AddExisting(name, shape);
    }

    /// <summary>Makes <paramref name="edge"/> an output of the network.</summary>
    public void Output(string edge) => _model.Graph.Output.Add(Declare(edge, ShapeOf(edge)));

    /// <summary>Declares a float32 weight without values.</summary>
    public string Parameter(string name, params ReadOnlySpan<int> shape)
    {
        TensorProto tensor = new() { Name = Reserve(name), DataType = (int)DataType.Float };
        foreach (int dimension in shape)
        {
            tensor.Dims.Add(dimension);
        }

        _model.Graph.Initializer.Add(tensor);
        _parameters.Add(tensor);
        return name;
    }

    private static ValueInfoProto Declare(string name, EdgeShape shape)
    {
        TensorShapeProto dimensions = new() { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "N" } } };
        int[] sizes = shape.IsVector ? [shape.Channels] : [shape.Channels, shape.Height, shape.Width];
        dimensions.Dim.AddRange(sizes.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }));
        TypeProto.Types.Tensor tensor = new() { ElemType = (int)DataType.Float, Shape = dimensions };
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = tensor },
        };
    }

    /// <summary>Adds a node whose name and only output are <paramref name="name"/>.</summary>
    private NodeProto Node(string operation, string name, params ReadOnlySpan<string> inputs)
    {
        NodeProto node = new() { OpType = operation, Name = Reserve(name) };
        node.Output.Add(name);
        foreach (string input in inputs)
        {
            node.Input.Add(input);
        }

        _model.Graph.Node.Add(node);
        return node;
    }

    private string Register(NodeProto node, EdgeShape shape) => AddExisting(node.Output[0], shape);

    /// <summary>
    /// A node that keeps the shape of its first input; where it gets no name it is called after that input.
    /// </summary>
    private string ShapePreserving(string operation, string? name, params ReadOnlySpan<string> inputs) =>
        Register(
            Node(operation, name ?? UniqueName(inputs[0], operation.ToLowerInvariant()), inputs),
            ShapeOf(inputs[0])
        );

    /// <summary>A float32 constant; the same name gives the same node.</summary>
    private string Constant(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        Constant(name, TensorValues.FromSingles("", shape.ToArray(), values));

    private string Integers(string name, params ReadOnlySpan<long> values) =>
        Constant(name, TensorValues.FromInt64s("", [values.Length], values));

    private string Constant(string name, TensorProto value)
    {
        name = "constant/" + name;
        if (_model.Graph.Node.FirstOrDefault(n => n.Output.Contains(name)) is not NodeProto there)
        {
            Node("Constant", name)
                .Attribute.Add(
                    new AttributeProto
                    {
                        Name = "value",
                        Type = AttributeProto.Types.AttributeType.Tensor,
                        T = value,
                    }
                );
        }
        else if (there.OpType != "Constant" || !there.FindAttribute("value")!.T.Equals(value))
        {
            throw new InvalidOperationException($"'{name}' cannot be declared: it is there with another value");
        }

        return name;
    }

    private string UniqueName(string edge, string what)
    {
        string name = $"{edge}/{what}";
        for (int i = 2; _taken.Contains(name); i++)
        {
            name = $"{edge}/{what}{i}";
        }

        return name;
    }

    private string Reserve(string name) =>
        _taken.Add(name)
            ? name
            : throw new InvalidOperationException($"'{name}' cannot be declared: the network has an edge of that name");
}
