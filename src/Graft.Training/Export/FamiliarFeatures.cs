using Graft.Data;
using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Features;
using Graft.Training.Heads;
using Graft.Training.Network;
using Graft.Training.Phases;
using Graft.Training.Runs;
using TorchSharp;

namespace Graft.Training.Export;

/// <summary>The features by which <see cref="Familiarity"/> compares: the body's map averaged, or its vector, whatever the head does with it.</summary>
internal static class FamiliarFeatures
{
    private const string Own = "graft.familiarity.features";
    private const int BatchSize = 32;

    /// <summary>The edge of the features, N x F; added to the network where its head does not average the map.</summary>
    public static string EdgeIn(OnnxModel network, TrainableBody body, Pooling pooling)
    {
        if (body.Seam.Kind == FeatureKind.Vector || pooling == Pooling.Average)
        {
            return HeadBuilder.Features;
        }

        network.Graph.Node.Add(new NodeProto { OpType = "GlobalAveragePool", Input = { body.Seam.Edge }, Output = { Own + ".map" } });
        network.Graph.Node.Add(new NodeProto { OpType = "Flatten", Input = { Own + ".map" }, Output = { Own } }.With("axis", 1));
        return Own;
    }

    /// <summary>[N,F] of the plain views of some images.</summary>
    /// <param name="network">Body and head, as trained.</param>
    /// <param name="cut">Where the trained part begins; null where the body is as it was.</param>
    public static float[] Of(OnnxModel network, TrainableBody body, CutPoint? cut, Extraction extraction, TrainingData data, Pooling pooling, IReadOnlyList<LabelledImage> images)
    {
        if (cut is null)
        {
            float[] pooled = extraction.Plain.Gather([.. images.Select(image => extraction.FirstRows[image.Path])]);
            bool isFlat = body.Seam.Kind == FeatureKind.Map && pooling == Pooling.Flatten;
            return isFlat ? Averaged(pooled, (int)(extraction.Features.Length / Channels(body))) : pooled;
        }

        OnnxModel copy = network.Clone();
        string edge = EdgeIn(copy, body, pooling);
        using DisposeScope scope = torch.NewDisposeScope();
        using TorchGraph tail = new(GraphEdit.Tail(GraphEdit.Prefix(copy, edge), cut.Edge, body.InputShape));
        return TailEvaluation.Logits(tail, extraction.Rows(extraction.At(cut), data, images), BatchSize);
    }

    private static long Channels(TrainableBody body) => ShapeProbe.Measure(body.Model, [body.Seam.Edge], 1, body.InputShape)[body.Seam.Edge][1];

    // Rows are channel after channel, so that the places of a channel lie side by side, from row to row too.
    private static float[] Averaged(float[] flat, int places)
    {
        float[] means = new float[flat.Length / places];
        for (int i = 0; i < means.Length; i++)
        {
            double sum = 0;
            foreach (float value in flat.AsSpan(i * places, places))
            {
                sum += value;
            }

            means[i] = (float)(sum / places);
        }

        return means;
    }
}
