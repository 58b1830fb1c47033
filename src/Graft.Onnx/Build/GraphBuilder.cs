using DataType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Onnx;

/// <summary>
/// Builds a network layer by layer. Each method takes the edge that a layer reads and returns the edge that it makes,
/// and tracks its shape. Weights are declared by name and shape; <see cref="WeightValues"/> sets their values.
/// </summary>
/// <remarks>
/// Works on new models and on loaded ones, for example to add a head to a body. Shapes are those of one image; the
/// batch dimension is always dynamic. Fixed numbers, such as the limits of Clip, are Constant nodes: every ONNX
/// initializer is a trainable weight.
/// </remarks>
public sealed partial class GraphBuilder
{
    private readonly OnnxModel _model;
    private readonly Dictionary<string, EdgeShape> _shapes = [];
    private readonly HashSet<string> _usedNames;
    private readonly List<TensorProto> _parameters = [];

    /// <summary>Creates a builder that adds nodes to a model.</summary>
    /// <param name="model">The model, of opset 18 to 20: the operators mean the same in these.</param>
    /// <exception cref="ArgumentOutOfRangeException">The model has another opset.</exception>
    public GraphBuilder(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(model.Opset, OnnxModel.DefaultOpset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(model.Opset, 20);
        _model = model;
        GraphProto graph = model.Graph;
        _usedNames =
        [
            .. graph.Input.Select(i => i.Name),
            .. graph.Initializer.Select(t => t.Name),
            .. graph.Node.SelectMany(n => n.Output),
        ];
    }

    /// <summary>The model that is being built.</summary>
    public OnnxModel Model => _model;

    /// <summary>The weights that this builder declared, in order.</summary>
    public IReadOnlyList<TensorProto> Parameters => _parameters;

    /// <summary>The shape of an edge that this builder made or that <see cref="AddExisting"/> registered.</summary>
    /// <param name="edge">Name of the edge.</param>
    /// <exception cref="KeyNotFoundException">The builder does not know the edge.</exception>
    public EdgeShape ShapeOf(string edge)
    {
        ArgumentNullException.ThrowIfNull(edge);
        return _shapes[edge];
    }

    /// <summary>The number of channels of an edge.</summary>
    /// <param name="edge">Name of the edge.</param>
    public int ChannelsOf(string edge)
    {
        ArgumentNullException.ThrowIfNull(edge);
        return ShapeOf(edge).Channels;
    }

    /// <summary>Registers an edge that the model already has; layers can then be added after it.</summary>
    /// <param name="edge">Name of the edge.</param>
    /// <param name="shape">Its shape for one image.</param>
    /// <returns>The name of the edge.</returns>
    public string AddExisting(string edge, EdgeShape shape)
    {
        ArgumentNullException.ThrowIfNull(edge);
        _shapes[edge] = shape;
        return edge;
    }

    /// <summary>Declares a float32 input of the network.</summary>
    /// <param name="name">Name of the input.</param>
    /// <param name="shape">Its shape for one image.</param>
    /// <returns>The name of the input.</returns>
    public string Input(string name, EdgeShape shape)
    {
        ArgumentNullException.ThrowIfNull(name);
        _model.Graph.Input.Add(Declare(name, shape));
        _usedNames.Add(name);
        return AddExisting(name, shape);
    }

    /// <summary>Declares an edge as an output of the network.</summary>
    /// <param name="edge">Name of the edge.</param>
    public void Output(string edge)
    {
        ArgumentNullException.ThrowIfNull(edge);
        _model.Graph.Output.Add(Declare(edge, ShapeOf(edge)));
    }

    /// <summary>Declares a float32 weight without values.</summary>
    /// <param name="name">Name of the weight.</param>
    /// <param name="shape">Its dimensions.</param>
    /// <returns>The name of the weight.</returns>
    /// <exception cref="InvalidOperationException">The network already has an edge of that name.</exception>
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

    private static ValueInfoProto Declare(string name, EdgeShape shape) =>
        EdgeDeclaration.Create(name, shape.IsVector ? [shape.Channels] : [shape.Channels, shape.Height, shape.Width]);

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
    /// Adds a node that keeps the shape of its first input. Without a name it is named after that input.
    /// </summary>
    private string ShapePreserving(string operation, string? name, params ReadOnlySpan<string> inputs) =>
        Register(
            Node(operation, name ?? UniqueName(inputs[0], operation.ToLowerInvariant()), inputs),
            ShapeOf(inputs[0])
        );

    /// <summary>A float32 constant. A repeated name reuses the node.</summary>
    private string Constant(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        Constant(name, TensorValues.FromSingles("", shape.ToArray(), values));

    private string Integers(string name, params ReadOnlySpan<long> values) =>
        Constant(name, TensorValues.FromInt64s("", [values.Length], values));

    private string Constant(string name, TensorProto value)
    {
        name = "constant/" + name;
        if (_model.Graph.Node.FirstOrDefault(n => n.Output.Contains(name)) is not NodeProto existing)
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
        else if (existing.OpType != "Constant" || !existing.FindAttribute("value")!.T.Equals(value))
        {
            throw new InvalidOperationException($"'{name}' cannot be declared: it exists with another value");
        }

        return name;
    }

    private string UniqueName(string edge, string what)
    {
        string name = $"{edge}/{what}";
        for (int i = 2; _usedNames.Contains(name); i++)
        {
            name = $"{edge}/{what}{i}";
        }

        return name;
    }

    private string Reserve(string name) =>
        _usedNames.Add(name)
            ? name
            : throw new InvalidOperationException($"'{name}' cannot be declared: the network has an edge of that name");
}
