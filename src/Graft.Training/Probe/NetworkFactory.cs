using Graft.Onnx;
using Graft.Training.Bodies;

namespace Graft.Training.Probe;

/// <summary>Puts heads on a body.</summary>
internal static class NetworkFactory
{
    /// <summary>Body, pooling, and the probe as the only layer.</summary>
    public static OnnxModel WithProbe(TrainableBody body, Pooling pooling, ProbeResult probe) =>
        WithLayers(body, pooling, [probe.Layer], 0);

    /// <summary>
    /// Body, pooling, and the head from which training starts. A random first layer sees features with mean 0 and, over
    /// all of them, deviation 1.
    /// </summary>
    public static OnnxModel WithHead(TrainableBody body, HeadOptions head, ProbeResult probe, long seed) =>
        head.Start == HeadStart.Probe ? WithProbe(body, head.TrainedPooling, probe)
        : KeptHead(body, head, probe) is LinearLayer kept ? WithLayers(body, head.TrainedPooling, [kept], 0)
        : WithLayers(
            body,
            head.TrainedPooling,
            Layers(head, probe, seed),
            head.Dropout,
            IsRandom(head) ? ScaleOf(head, probe.Standardisation) : null
        );

    // Where an earlier model is continued, its classes keep their rows, and new classes get the probe's.
    private static LinearLayer? KeptHead(TrainableBody body, HeadOptions head, ProbeResult probe) =>
        body.PreviousHead is PreviousHead earlier && !IsRandom(head) && earlier.Pooling == head.TrainedPooling
            ? earlier.ForClasses(probe.Layer, body.Classes)
            : null;

    // A linear layer that starts at zero learns from raw features, for which the default rates were measured.
    private static bool IsRandom(HeadOptions head) => head.Start == HeadStart.Random || head.Layers.Count > 0;

    private static FeatureScale ScaleOf(HeadOptions head, Standardisation standardisation)
    {
        Standardisation used = head.ScalesEach ? standardisation : standardisation.WithOneScale();
        return new(used.Mean, used.Scale);
    }

    private static OnnxModel WithLayers(
        TrainableBody body,
        Pooling pooling,
        IReadOnlyList<LinearLayer> layers,
        double dropout,
        FeatureScale? scale = null
    )
    {
        OnnxModel model = HeadBuilder.AppendPooling(body.Model, body.Boundary, pooling);
        HeadBuilder.AppendLayers(model, layers, dropout, scale);
        return model;
    }

    private static List<LinearLayer> Layers(HeadOptions head, ProbeResult probe, long seed)
    {
        List<LinearLayer> layers = [];
        int inputs = probe.Layer.FeatureCount;
        foreach (int width in head.Layers)
        {
            layers.Add(RandomLayer.Of(width, inputs, seed, layers.Count));
            inputs = width;
        }

        int classes = probe.Layer.ClassCount;
        layers.Add(
            head.Start == HeadStart.Zero
                ? new(classes, inputs, new double[classes * inputs], new double[classes])
                : RandomLayer.Of(classes, inputs, seed, layers.Count)
        );
        return layers;
    }
}
