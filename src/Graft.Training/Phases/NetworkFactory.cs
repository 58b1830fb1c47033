using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Heads;

namespace Graft.Training.Phases;

/// <summary>Puts heads on a body.</summary>
internal static class NetworkFactory
{
    /// <summary>Body, pooling and the probe as the only layer.</summary>
    public static OnnxModel WithProbe(TrainableBody body, Pooling pooling, ProbeResult probe) => WithLayers(body, pooling, [probe.Layer], 0);

    /// <summary>The head that training starts from: the probe's solution, or random values with the probe's standardisation folded in.</summary>
    public static OnnxModel WithHead(TrainableBody body, HeadOptions head, ProbeResult probe, long seed) =>
        StartsComplete(head) ? WithProbe(body, head.Pooling, probe) : WithLayers(body, head.Pooling, RandomLayers(head, probe, seed), head.Dropout);

    /// <summary>True where the head classifies before its first step.</summary>
    public static bool StartsComplete(HeadOptions head) => head.Start == HeadStart.Probe && head.Hidden.Count == 0;

    private static OnnxModel WithLayers(TrainableBody body, Pooling pooling, IReadOnlyList<LinearLayer> layers, double dropout)
    {
        OnnxModel model = HeadBuilder.AppendPooling(body.Model, body.Seam, pooling);
        HeadBuilder.AppendLayers(model, layers, dropout);
        return model;
    }

    private static List<LinearLayer> RandomLayers(HeadOptions head, ProbeResult probe, long seed)
    {
        List<LinearLayer> layers = [];
        int inputs = probe.Layer.FeatureCount;
        foreach (int width in head.Hidden)
        {
            layers.Add(RandomLayer.Of(width, inputs, seed, layers.Count, layers.Count == 0 ? probe.Standardisation : null));
            inputs = width;
        }

        layers.Add(RandomLayer.Of(probe.Layer.ClassCount, inputs, seed, layers.Count, layers.Count == 0 ? probe.Standardisation : null));
        return layers;
    }
}
