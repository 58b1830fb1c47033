using Graft.Onnx;
using Graft.Torch;
using Graft.Torch.Operators;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Conformance;

/// <summary>Runs a model with ONNX Runtime or TorchSharp.</summary>
internal static class GraphRunner
{
    /// <summary>Computes all outputs, in the graph's order.</summary>
    /// <param name="engine">The program that runs the graph.</param>
    /// <param name="model">The model.</param>
    /// <param name="inputs">Values of the graph's inputs, in their order.</param>
    /// <param name="options">Options for <see cref="Engine.Torch"/>; null takes the defaults, as in training.</param>
    public static IReadOnlyList<(string Name, Values Value)> Run(
        Engine engine,
        OnnxModel model,
        IReadOnlyList<TensorProto> inputs,
        TorchGraphOptions? options = null
    ) => engine == Engine.Torch ? RunTorch(model, inputs, options) : RunOnnxRuntime(model, inputs);

    /// <summary>Makes a float32 input.</summary>
    public static TensorProto Input(IReadOnlyList<long> shape, float[] values) =>
        TensorValues.FromSingles("input", shape, values);

    private static List<(string, Values)> RunTorch(
        OnnxModel model,
        IReadOnlyList<TensorProto> inputs,
        TorchGraphOptions? options
    )
    {
        using IDisposable frozen = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using TorchGraph graph = new(model, options);
        List<ValueInfoProto> places = Places(model, inputs);
        Dictionary<string, Tensor> tensors = [];
        for (int i = 0; i < inputs.Count; i++)
        {
            tensors[places[i].Name] = ElementTypes.Load(inputs[i], places[i].Name);
        }

        IReadOnlyDictionary<string, Tensor> outputs = graph.Run(tensors);
        return [.. model.Graph.Output.Select(output => (output.Name, Of(outputs[output.Name])))];
    }

    private static Values Of(Tensor x)
    {
        Tensor plain = x.to(ScalarType.Float64).contiguous();
        // TorchSharp's accessor refuses an empty tensor.
        return new Values(x.shape, x.numel() == 0 ? [] : plain.data<double>().ToArray());
    }

    private static List<(string, Values)> RunOnnxRuntime(OnnxModel model, IReadOnlyList<TensorProto> inputs)
    {
        List<ValueInfoProto> places = Places(model, inputs);
        using SessionOptions options = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        using InferenceSession session = Open(model, options);
        Dictionary<string, OrtValue> values = [];
        try
        {
            for (int i = 0; i < inputs.Count; i++)
            {
                values[places[i].Name] = RuntimeValues.Load(inputs[i]);
            }

            using RunOptions run = new();
            using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, values, session.OutputNames);
            return [.. session.OutputNames.Zip(outputs, (name, value) => (name, RuntimeValues.Read(value)))];
        }
        finally
        {
            foreach (OrtValue value in values.Values)
            {
                value.Dispose();
            }
        }
    }

    private static InferenceSession Open(OnnxModel model, SessionOptions options)
    {
        try
        {
            return new InferenceSession(model.ToBytes(), options);
        }
        catch (OnnxRuntimeException error)
        {
            throw new RefusedException($"ONNX Runtime does not load it: {error.Message.ReplaceLineEndings(" ")}");
        }
    }

    // The graph's inputs without weights, which IR version 3 lists among the inputs.
    private static List<ValueInfoProto> Places(OnnxModel model, IReadOnlyList<TensorProto> inputs)
    {
        List<ValueInfoProto> places = [.. new OnnxGraph(model).Inputs];
        return places.Count >= inputs.Count
            ? places
            : throw new RefusedException($"the case has {inputs.Count} inputs and the graph has {places.Count}");
    }
}
