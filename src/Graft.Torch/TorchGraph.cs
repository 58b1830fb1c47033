using Graft.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Graft.Torch;

/// <summary>
/// Runs an ONNX graph with TorchSharp, node by node. Its float weights are parameters; gradients flow through every
/// float operator.
/// Batch-norm is always in inference mode. Used by one thread at a time, in inference mode by any number.
/// </summary>
internal sealed class TorchGraph : IDisposable
{
    private readonly TorchGraphOptions _options;
    private readonly GraphCompiler _compiled;
    private readonly (string Name, int Slot)[] _inputs;
    private readonly (string Name, int Slot)[] _outputs;
    private readonly (Parameter Parameter, int Slot)[] _parameters;

    /// <exception cref="OnnxException">A node's operator or attributes are not supported: the message names the node
    /// and the operator.</exception>
    public TorchGraph(OnnxModel model, TorchGraphOptions? options = null)
    {
        _options = options ?? new TorchGraphOptions();
        if (_options.ComputeType is not (ScalarType.Float32 or ScalarType.BFloat16 or ScalarType.Float64))
        {
            throw new ArgumentException(
                $"The compute type {_options.ComputeType} is not Float32, BFloat16 or Float64.",
                nameof(options)
            );
        }

        using DisposeScope scope = NewDisposeScope();
        _compiled = new GraphCompiler(model, _options);
        try
        {
            _compiled.Compile();
        }
        catch
        {
            Dispose();
            throw;
        }

        OnnxGraph graph = _compiled.Graph;
        _inputs = [.. graph.Inputs.Select(input => (input.Name, _compiled.SlotOf(input.Name)))];
        _outputs = [.. graph.Outputs.Select(output => (output.Name, _compiled.SlotOf(output.Name)))];
        _parameters = [.. _compiled.Parameters.Select(entry => (entry.Value, _compiled.SlotOf(entry.Key)))];
    }

    /// <summary>
    /// The float32 masters of the weights that training may change, by the edge's name; owned by this graph. Kernels of
    /// convolutions lie in channels-last order in memory.
    /// </summary>
    public IReadOnlyDictionary<string, Parameter> Parameters => _compiled.Parameters;

    /// <summary>Batch-norm's running means and variances; training never changes them.</summary>
    public IReadOnlyDictionary<string, Tensor> Buffers => _compiled.Buffers;

    /// <summary>Runs a graph of one input; returns its first output, floats in float32. The caller owns it.</summary>
    /// <param name="masks">Where given, the graph runs in training mode: Dropout drops what they say.</param>
    public Tensor Forward(Tensor input, DropoutMask? masks = null) => Forward(input, masks, _outputs[..1])[0];

    /// <summary>The same with all its outputs, in the graph's order.</summary>
    public Tensor[] ForwardAll(Tensor input, DropoutMask? masks = null) => Forward(input, masks, _outputs);

    private Tensor[] Forward(Tensor input, DropoutMask? masks, (string Name, int Slot)[] outputs)
    {
        if (_inputs.Length != 1)
        {
            throw new OnnxException(
                "graph",
                $"it has {_inputs.Length} inputs where one is needed; cut the network at an edge through which all data flows"
            );
        }

        EdgeValue?[] slots = new EdgeValue?[_compiled.SlotCount];
        using DisposeScope scope = NewDisposeScope();
        slots[_inputs[0].Slot] = Enter(input);
        Run(slots, masks is not null, masks);
        return Array.ConvertAll(outputs, output => Leave(slots, output).MoveToOuterDisposeScope());
    }

    /// <summary>Runs the graph; returns all its outputs, floats in float32. The caller owns them.</summary>
    /// <param name="inputs">By name; those that the graph gives a default value may be left out.</param>
    /// <param name="isTraining">Dropout drops values, by <paramref name="masks"/>. Nothing else asks.</param>
    /// <exception cref="OnnxException">An input is missing, or a node cannot run on these shapes.</exception>
    public IReadOnlyDictionary<string, Tensor> Run(
        IReadOnlyDictionary<string, Tensor> inputs,
        bool isTraining = false,
        DropoutMask? masks = null
    )
    {
        EdgeValue?[] slots = new EdgeValue?[_compiled.SlotCount];
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, int slot) in _inputs)
        {
            slots[slot] = inputs.TryGetValue(name, out Tensor? tensor)
                ? Enter(tensor)
                : throw new OnnxException(name, "the graph needs this input and it was not given");
        }

        Run(slots, isTraining, masks);
        Dictionary<string, Tensor> outputs = [];
        foreach ((string Name, int Slot) output in _outputs)
        {
            outputs[output.Name] = Leave(slots, output).MoveToOuterDisposeScope();
        }

        return outputs;
    }

    /// <summary>
    /// Writes the parameters' values into the weights of the same names: float32 exactly, other float types rounded to
    /// theirs.
    /// </summary>
    /// <param name="isWritten">By the parameter's name; null: all are.</param>
    /// <exception cref="OnnxException">The model has no such weight, or one of another shape.</exception>
    public void WriteWeights(OnnxModel model, Func<string, bool>? isWritten = null) =>
        WeightWriter.Write(model, Parameters.Where(p => isWritten?.Invoke(p.Key) ?? true));

    public void Dispose()
    {
        foreach (Parameter parameter in _compiled.Parameters.Values.Where(parameter => !parameter.IsInvalid))
        {
            parameter.grad?.Dispose();
            parameter.Dispose();
        }

        _compiled.Steps.ForEach(step => step.Dispose());
        foreach (EdgeValue constant in _compiled.Constants.Values)
        {
            constant.Dispose();
        }
    }

    private EdgeValue Enter(Tensor input)
    {
        Tensor x = Operators.ElementTypes.Normalise(input);
        if (_options.ChannelsLast && x.dim() == 4 && x.is_floating_point())
        {
            x = ChannelsLast.Of(x);
        }

        return new EdgeValue(x, isHost: false, isBorrowed: ReferenceEquals(x, input));
    }

    private static Tensor Leave(EdgeValue?[] slots, (string Name, int Slot) output)
    {
        Tensor x = slots[output.Slot]?.Tensor
            ?? throw new OnnxException(output.Name, "the graph makes no such output; the file is damaged");
        return x.is_floating_point() && x.dtype != ScalarType.Float32 ? x.to(ScalarType.Float32) : x.alias();
    }

    private void Run(EdgeValue?[] slots, bool isTraining, DropoutMask? masks)
    {
        foreach ((int slot, EdgeValue constant) in _compiled.Constants)
        {
            slots[slot] = constant;
        }

        foreach ((Parameter parameter, int slot) in _parameters)
        {
            slots[slot] = new EdgeValue(parameter, isHost: false, isBorrowed: true);
        }

        foreach (NodeStep step in _compiled.Steps)
        {
            try
            {
                step.Run(slots, isTraining, masks);
            }
            catch (Exception error) when (TorchErrors.IsGraphError(error))
            {
                throw TorchErrors.Wrap(step.Node, error);
            }

            Release(slots, step.FreedSlots);
        }
    }

    private static void Release(EdgeValue?[] slots, int[] dying)
    {
        foreach (int slot in dying)
        {
            if (slots[slot] is { IsHost: false } value)
            {
                value.Dispose();
            }

            slots[slot] = null;
        }
    }
}
