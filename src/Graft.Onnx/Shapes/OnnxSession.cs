using Graft.Infrastructure;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Graft.Onnx;

/// <summary>A network loaded into ONNX Runtime on the CPU. Thread-safe.</summary>
public sealed class OnnxSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _run;
    private readonly string[] _inputs;
    private readonly string[] _outputs;

    /// <summary>Loads a model.</summary>
    /// <param name="model">The model with its weights inside; not changed and not kept.</param>
    /// <param name="name">Name of the model in error messages.</param>
    /// <param name="threads">Number of threads for one call; 0 for one per core.</param>
    /// <param name="optimize">Whether ONNX Runtime optimizes the graph first, which costs time once.</param>
    /// <exception cref="OnnxException">ONNX Runtime refuses the model.</exception>
    /// <exception cref="GraftException">ONNX Runtime's native library is missing.</exception>
    public OnnxSession(OnnxModel model, string name, int threads = 0, bool optimize = true)
        : this(BytesOf(model, name), name, threads, optimize) { }

    /// <summary>Loads the bytes of an .onnx file.</summary>
    /// <param name="model">The bytes, with the weights inside; not kept.</param>
    /// <param name="name">Name of the model in error messages.</param>
    /// <param name="threads">Number of threads for one call; 0 for one per core.</param>
    /// <param name="optimize">Whether ONNX Runtime optimizes the graph first, which costs time once.</param>
    /// <exception cref="OnnxException">ONNX Runtime refuses the model.</exception>
    /// <exception cref="GraftException">ONNX Runtime's native library is missing.</exception>
    public OnnxSession(byte[] model, string name, int threads = 0, bool optimize = true)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(name);
        Name = name;
        OnnxRuntimeLibrary.Require();
        using SessionOptions options = new()
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = optimize
                ? GraphOptimizationLevel.ORT_ENABLE_ALL
                : GraphOptimizationLevel.ORT_DISABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, // errors come back as exceptions
        };
        // Denormals are 100 times slower and too small to matter.
        options.AddSessionConfigEntry("session.set_denormal_as_zero", "1");
        // Allocates weights at their exact size; the arena doubles its blocks.
        options.AddSessionConfigEntry("session.use_device_allocator_for_initializers", "1");
        try
        {
            _session = new InferenceSession(model, options);
        }
        catch (OnnxRuntimeException error)
        {
            throw new OnnxException(
                name,
                $"ONNX Runtime refuses it ({Printable.Text(FirstLine(error.Message))}); export the network again",
                error
            );
        }

        _run = new();
        _inputs = [.. _session.InputNames];
        _outputs = [.. _session.OutputNames];
    }

    /// <summary>Name of the model in error messages.</summary>
    public string Name { get; }

    /// <summary>Names of the inputs, in the order of the file.</summary>
    public IReadOnlyList<string> InputNames => _inputs;

    /// <summary>Names of the outputs, in the order of the file.</summary>
    public IReadOnlyList<string> OutputNames => _outputs;

    /// <summary>The declared shape of the first input; -1 for a dynamic dimension.</summary>
    public IReadOnlyList<long> InputShape =>
        Array.ConvertAll(_session.InputMetadata[_inputs[0]].Dimensions, d => (long)d);

    /// <summary>
    /// The declared types of the outputs, in the order of <see cref="OutputNames"/>.
    /// </summary>
    internal IReadOnlyList<EdgeType> DeclaredOutputs =>
        [
            .. _outputs
                .Select(name => _session.OutputMetadata[name])
                .Select(output => new EdgeType(
                    Array.ConvertAll(output.Dimensions, d => (long)d),
                    output.ElementType == typeof(float) || output.ElementType == typeof(double)
                )),
        ];

    /// <summary>Runs the network on one float32 input.</summary>
    /// <param name="input">Row-major values; read in place, not copied.</param>
    /// <param name="shape">All dimensions of the input: N x 3 x H x W for images.</param>
    /// <returns>One tensor for each output, in the order of <see cref="OutputNames"/>.</returns>
    /// <exception cref="OnnxException">The shape does not fit the network, or running it fails.</exception>
    public IReadOnlyList<OnnxOutput> Run(float[] input, params long[] shape)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(shape);
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(input, shape);
        return Run([value]);
    }

    /// <summary>Runs the network on inputs of any type, in the order of <see cref="InputNames"/>.</summary>
    internal IReadOnlyList<OnnxOutput> Run(IReadOnlyList<OrtValue> inputs) => Run(inputs, OnnxOutput.Copy);

    /// <summary>
    /// Runs the network on one float32 input and returns the types of its outputs.
    /// </summary>
    internal IReadOnlyList<EdgeType> Measure(float[] input, params long[] shape)
    {
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(input, shape);
        return Run([value], output =>
        {
            OrtTensorTypeAndShapeInfo info = output.GetTensorTypeAndShape();
            bool isFloat = info.ElementDataType is TensorElementType.Float or TensorElementType.Double;
            return new EdgeType(info.Shape, isFloat);
        });
    }

    private T[] Run<T>(IReadOnlyList<OrtValue> inputs, Func<OrtValue, T> use)
    {
        try
        {
            using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(_run, _inputs, inputs, _outputs);
            return [.. results.Select(use)];
        }
        catch (OnnxRuntimeException error)
        {
            throw new OnnxException(
                Name,
                $"ONNX Runtime could not run it ({Printable.Text(FirstLine(error.Message))}); "
                    + "check the shape of its input",
                error
            );
        }
    }

    /// <summary>Frees the network.</summary>
    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }

    private static string FirstLine(string message) => message.Split('\n')[0].Trim();

    private static byte[] BytesOf(OnnxModel model, string name)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(name);
        return model.ToBytes();
    }
}
