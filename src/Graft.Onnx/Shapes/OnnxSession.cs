using Graft.Infrastructure;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Graft.Onnx;

/// <summary>A model loaded by ONNX Runtime on the processor. Thread-safe.</summary>
internal sealed class OnnxSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly string[] _inputs;
    private readonly string[] _outputs;

    /// <param name="model">Weights inside; not changed and not kept.</param>
    /// <param name="name">What error messages call it.</param>
    /// <param name="threads">Threads of one call; 0: one a core.</param>
    /// <exception cref="OnnxException">ONNX Runtime refuses the model.</exception>
    public OnnxSession(OnnxModel model, string name, int threads = 0, bool optimize = true)
        : this(model.ToBytes(), name, threads, optimize) { }

    public OnnxSession(byte[] model, string name, int threads = 0, bool optimize = true)
    {
        Name = name;
        using SessionOptions options = new()
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = optimize
                ? GraphOptimizationLevel.ORT_ENABLE_ALL
                : GraphOptimizationLevel.ORT_DISABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, // what matters comes back as an exception
        };
        options.AddSessionConfigEntry("session.set_denormal_as_zero", "1"); // denormals cost 100x and carry nothing
        // weights in pieces of their size; the arena doubles its own
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

        _inputs = [.. _session.InputNames];
        _outputs = [.. _session.OutputNames];
    }

    public string Name { get; }

    public IReadOnlyList<string> InputNames => _inputs;

    public IReadOnlyList<string> OutputNames => _outputs;

    /// <summary>The declared shape of the first input; -1 where a dimension is free.</summary>
    public IReadOnlyList<long> InputShape =>
        Array.ConvertAll(_session.InputMetadata[_inputs[0]].Dimensions, d => (long)d);

    /// <summary>
    /// Of each output the shape, -1 where a dimension is not known before it is run, and whether it holds floats.
    /// </summary>
    public IReadOnlyList<(long[] Shape, bool IsReal)> DeclaredOutputs =>
        [
            .. _outputs
                .Select(name => _session.OutputMetadata[name])
                .Select(output =>
                    (
                        Array.ConvertAll(output.Dimensions, d => (long)d),
                        output.ElementType == typeof(float) || output.ElementType == typeof(double)
                    )
                ),
        ];

    /// <summary>Runs the network on one float32 input.</summary>
    /// <param name="input">Row-major values; read in place.</param>
    /// <param name="shape">For images N x 3 x H x W.</param>
    /// <returns>One tensor an output, in the order of <see cref="OutputNames"/>.</returns>
    /// <exception cref="OnnxException">The shape does not fit the network.</exception>
    public IReadOnlyList<OnnxOutput> Run(float[] input, params long[] shape)
    {
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(input, shape);
        return Run([value]);
    }

    /// <summary>Runs the network on inputs of any type, in the order of <see cref="InputNames"/>.</summary>
    public IReadOnlyList<OnnxOutput> Run(IReadOnlyList<OrtValue> inputs) => Run(inputs, OnnxOutput.Copy);

    /// <summary>
    /// Runs the network on one float32 input, and gives of each output the shape and whether it holds floats.
    /// </summary>
    /// <inheritdoc cref="Run(float[], long[])"/>
    public IReadOnlyList<(long[] Shape, bool IsReal)> Measure(float[] input, params long[] shape)
    {
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(input, shape);
        return Run([value], output =>
        {
            OrtTensorTypeAndShapeInfo info = output.GetTensorTypeAndShape();
            return (info.Shape, info.ElementDataType is TensorElementType.Float or TensorElementType.Double);
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
                $"ONNX Runtime could not run it ({Printable.Text(FirstLine(error.Message))}); check the shape of its input",
                error
            );
        }
    }

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }

    private static string FirstLine(string message) => message.Split('\n')[0].Trim();
}

/// <summary>
/// One output of a <see cref="OnnxSession"/>: its shape and its values as float32 (Singles) or as integers (Int64s).
/// </summary>
internal sealed record OnnxOutput(long[] Shape, float[]? Singles, long[]? Int64s)
{
    internal static OnnxOutput Copy(OrtValue value)
    {
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        return info.ElementDataType switch
        {
            TensorElementType.Float => new(info.Shape, value.GetTensorDataAsSpan<float>().ToArray(), null),
            TensorElementType.Int64 => new(info.Shape, null, value.GetTensorDataAsSpan<long>().ToArray()),
            TensorElementType.Int32 => new(
                info.Shape,
                null,
                Array.ConvertAll(value.GetTensorDataAsSpan<int>().ToArray(), x => (long)x)
            ),
            TensorElementType.Double => new(
                info.Shape,
                Array.ConvertAll(value.GetTensorDataAsSpan<double>().ToArray(), x => (float)x),
                null
            ),
            TensorElementType.Bool => new(
                info.Shape,
                null,
                Array.ConvertAll(value.GetTensorDataAsSpan<bool>().ToArray(), x => x ? 1L : 0)
            ),
            _ => new(info.Shape, null, null),
        };
    }
}
