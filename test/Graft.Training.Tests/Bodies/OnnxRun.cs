using Graft.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Graft.Training.Tests.Bodies;

/// <summary>Runs a model once with ONNX Runtime and returns the values of some edges.</summary>
internal static class OnnxRun
{
    public static float[][] Run(OnnxModel model, float[] input, long[] shape, params string[] edges)
    {
        foreach (string edge in edges.Except(model.Graph.Output.Select(o => o.Name)))
        {
            model.Graph.Output.Add(new ValueInfoProto { Name = edge });
        }

        using SessionOptions options = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using InferenceSession session = new(model.ToBytes(), options);
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(input, shape);
        using Microsoft.ML.OnnxRuntime.RunOptions run = new();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(
            run,
            [model.Graph.Input[0].Name],
            [value],
            edges
        );
        return [.. results.Select(r => r.GetTensorDataAsSpan<float>().ToArray())];
    }
}
