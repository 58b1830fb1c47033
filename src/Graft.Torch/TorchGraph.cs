using Graft.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Graft.Torch;

/// <summary>
/// An ONNX graph as a differentiable TorchSharp network. Its learned float weights are parameters, and gradients flow
/// through every float operator.
/// </summary>
/// <remarks>
/// Batch-norm always uses its stored statistics. One thread at a time may train or run the graph; in inference mode any
/// number may run it.
/// </remarks>
public sealed class TorchGraph : IDisposable
{
    private readonly TorchGraphOptions _options;
    private readonly GraphCompiler _compiled;
    private readonly (string Name, int Slot)[] _inputs;
    private readonly (string Name, int Slot)[] _outputs;
    private readonly (Parameter Parameter, int Slot)[] _parameters;

    /// <summary>Compiles a graph and copies its weights.</summary>
    /// <param name="model">The graph. It is not changed and not needed afterwards.</param>
    /// <param name="options">Compute type, device and trainable weights; by default float32 on the CPU.</param>
    /// <exception cref="OnnxException">
    /// A node's operator or attributes are not supported; the message names the node and the operator.
    /// </exception>
    /// <exception cref="ArgumentException">The compute type is not Float32, BFloat16 or Float64.</exception>
    /// <exception cref="GraftException">The native library libtorch is missing.</exception>
    public TorchGraph(OnnxModel model, TorchGraphOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        TorchLibrary.Require();
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
    /// Float32 masters of the trainable weights, by the name of their edge. This graph owns them. With
    /// <see cref="TorchGraphOptions.ChannelsLast"/>, kernels of convolutions lie in memory in the order N,H,W,C.
    /// </summary>
    public IReadOnlyDictionary<string, Parameter> Parameters => _compiled.Parameters;

    /// <summary>Stored means and variances of batch-norms, which training never changes, by edge.</summary>
    public IReadOnlyDictionary<string, Tensor> Buffers => _compiled.Buffers;

    /// <summary>Runs a graph of one input.</summary>
    /// <param name="input">The input.</param>
    /// <param name="masks">
    /// Masks for Dropout. If they are given, the graph runs in training mode.
    /// </param>
    /// <returns>The first output with floats in float32. The caller owns it.</returns>
    /// <exception cref="OnnxException">
    /// The graph has several inputs, or a node cannot run on these shapes.
    /// </exception>
    public Tensor Forward(Tensor input, DropoutMask? masks = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        return RunSingle(input, masks, _outputs[..1])[0];
    }

    /// <summary>Runs a graph of one input and returns all its outputs.</summary>
    /// <param name="input">The input.</param>
    /// <param name="masks">
    /// Masks for Dropout. If they are given, the graph runs in training mode.
    /// </param>
    /// <returns>The outputs in the graph's order, with floats in float32. The caller owns them.</returns>
    /// <exception cref="OnnxException">
    /// The graph has several inputs, or a node cannot run on these shapes.
    /// </exception>
    public Tensor[] ForwardAll(Tensor input, DropoutMask? masks = null) => RunSingle(input, masks, _outputs);

    private Tensor[] RunSingle(Tensor input, DropoutMask? masks, (string Name, int Slot)[] outputs)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (_inputs.Length != 1)
        {
            throw new OnnxException(
                "graph",
                $"it has {_inputs.Length} inputs where one is needed; "
                    + "cut the network at an edge through which all data flows"
            );
        }

        EdgeValue?[] slots = new EdgeValue?[_compiled.SlotCount];
        using DisposeScope scope = NewDisposeScope();
        slots[_inputs[0].Slot] = InputValue(input);
        RunSteps(slots, masks is not null, masks);
        return Array.ConvertAll(outputs, output => OutputTensor(slots, output).MoveToOuterDisposeScope());
    }

    /// <summary>Runs a graph of any number of inputs.</summary>
    /// <param name="inputs">The inputs by name. Inputs with a default value in the graph may be left out.</param>
    /// <param name="isTraining">Whether Dropout drops values. It affects no other operator.</param>
    /// <param name="masks">Masks for Dropout, needed in training mode.</param>
    /// <returns>All outputs by name, with floats in float32. The caller owns them.</returns>
    /// <exception cref="OnnxException">An input is missing, or a node cannot run on these shapes.</exception>
    public IReadOnlyDictionary<string, Tensor> Run(
        IReadOnlyDictionary<string, Tensor> inputs,
        bool isTraining = false,
        DropoutMask? masks = null
    )
    {
        ArgumentNullException.ThrowIfNull(inputs);
        EdgeValue?[] slots = new EdgeValue?[_compiled.SlotCount];
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, int slot) in _inputs)
        {
            slots[slot] = inputs.TryGetValue(name, out Tensor? tensor)
                ? InputValue(tensor)
                : throw new OnnxException(name, "the graph needs this input and it was not given");
        }

        RunSteps(slots, isTraining, masks);
        Dictionary<string, Tensor> outputs = [];
        foreach ((string Name, int Slot) output in _outputs)
        {
            outputs[output.Name] = OutputTensor(slots, output).MoveToOuterDisposeScope();
        }

        return outputs;
    }

    /// <summary>
    /// Writes the parameters into the model's weights of the same names. Float32 weights take the exact values, other
    /// float types the rounded ones.
    /// </summary>
    /// <param name="model">The graph that was compiled, or another one with the same weights.</param>
    /// <param name="isWritten">Whether to write a parameter, by its name; null writes all.</param>
    /// <exception cref="OnnxException">The model has no such weight, or one of another shape.</exception>
    public void WriteWeights(OnnxModel model, Func<string, bool>? isWritten = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        WeightWriter.Write(model, Parameters.Where(p => isWritten?.Invoke(p.Key) ?? true));
    }

    /// <summary>Frees the parameters, their gradients and all constants.</summary>
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

    private EdgeValue InputValue(Tensor input)
    {
        Tensor x = Operators.ElementTypes.Normalise(input);
        if (_options.ChannelsLast && x.dim() == 4 && x.is_floating_point())
        {
            x = ChannelsLast.Of(x);
        }

        return new EdgeValue(x, isHost: false, isBorrowed: ReferenceEquals(x, input));
    }

    private static Tensor OutputTensor(EdgeValue?[] slots, (string Name, int Slot) output)
    {
        Tensor x = slots[output.Slot]?.Tensor
            ?? throw new OnnxException(output.Name, "the graph makes no such output; the file is damaged");
        return x.is_floating_point() && x.dtype != ScalarType.Float32 ? x.to(ScalarType.Float32) : x.alias();
    }

    private void RunSteps(EdgeValue?[] slots, bool isTraining, DropoutMask? masks)
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
