using Graft.Onnx;
using Graft.Torch;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using TorchSharp;

namespace Graft.Training.FineTuning;

/// <summary>
/// The features that <see cref="NoveltyScore"/> compares: the averaged map of the body, or its vector, whatever the
/// head uses. They are computed while they are read, because those of many images do not fit into memory.
/// </summary>
internal sealed class NoveltyFeatures : IDisposable
{
    private const string Own = "graft.familiarity.features";
    private const int BatchSize = 32;

    private readonly FeatureView _extraction;
    private readonly TrainingData _data;
    private readonly TorchGraph? _tail; // null: the body was not trained
    private readonly CutPoint? _cut;
    private readonly int _places; // values per channel; 1 where the map is averaged

    /// <param name="network">Body and head, as trained.</param>
    /// <param name="body">The body before training.</param>
    /// <param name="cut">Where the trained part begins. Null: the body was not trained.</param>
    /// <param name="extraction">Features and activations of the images.</param>
    /// <param name="data">The images of the run.</param>
    /// <param name="pooling">Pooling of the head.</param>
    public NoveltyFeatures(
        OnnxModel network,
        TrainableBody body,
        CutPoint? cut,
        FeatureView extraction,
        TrainingData data,
        Pooling pooling
    )
    {
        (_extraction, _data, _cut) = (extraction, data, cut);
        bool isFlat = body.Boundary.Kind == FeatureKind.Map && pooling == Pooling.Flatten;
        _places = isFlat ? (int)(extraction.Features.Length / Channels(body)) : 1;
        if (cut is not null)
        {
            OnnxModel copy = network.Clone();
            string edge = EdgeIn(copy, body, pooling);
            _tail = new(Subgraph.Tail(Subgraph.Prefix(copy, edge), cut.Edge, body.InputShape));
        }
    }

    /// <summary>
    /// Edge of the features, [N,F]. Nodes that average the map are added to the network where its head does not.
    /// </summary>
    public static string EdgeIn(OnnxModel network, TrainableBody body, Pooling pooling)
    {
        if ((body.Boundary.Kind == FeatureKind.Vector && !body.IsJoined) || pooling == Pooling.Average)
        {
            return HeadBuilder.Features;
        }

        if (body.IsJoined)
        {
            JoinedPooling.AppendAverages(network, JoinedPooling.BranchesOf(body.Boundary), Own);
            return Own;
        }

        network.Graph.Node.Add(
            new NodeProto
            {
                OpType = "GlobalAveragePool",
                Input = { body.Boundary.Edge },
                Output = { Own + ".map" },
            }
        );
        network.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Flatten",
                Input = { Own + ".map" },
                Output = { Own },
            }.WithAttribute("axis", 1)
        );
        return Own;
    }

    /// <summary>Features of the plain views of some images, [N,F].</summary>
    public FeatureMatrix Compute(IReadOnlyList<LabelledImage> images)
    {
        FeatureMatrix kept = _extraction.AveragesOnly.Rows([
            .. images.Select(image => _extraction.FirstRows[image.Name]),
        ]);
        return new(
            images.Count,
            kept.FeatureCount / _places,
            _tail is not null ? Tuned
                : _places == 1 ? kept.Read
                : Averaged
        );

        void Tuned(int first, Span<float> rows)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            LabelledImage[] some = [.. images.Skip(first).Take(rows.Length / (kept.FeatureCount / _places))];
            TailEvaluation.Logits(_tail, _extraction.Rows(_extraction.At(_cut!), _data, some), BatchSize).CopyTo(rows);
        }

        void Averaged(int first, Span<float> rows)
        {
            float[] flat = GC.AllocateUninitializedArray<float>(rows.Length * _places);
            kept.Read(first, flat);
            Average(flat, rows);
        }
    }

    public void Dispose() => _tail?.Dispose();

    private static long Channels(TrainableBody body) =>
        ShapeProbe.Measure(body.Model, [body.Boundary.Edge], 1, body.InputShape)[body.Boundary.Edge][1];

    // The values of a channel are adjacent in memory, also across rows.
    private void Average(float[] flat, Span<float> means)
    {
        for (int i = 0; i < means.Length; i++)
        {
            double sum = 0;
            foreach (float value in flat.AsSpan(i * _places, _places))
            {
                sum += value;
            }

            means[i] = (float)(sum / _places);
        }
    }
}
