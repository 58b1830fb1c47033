using System.Numerics.Tensors;
using Graft.Imaging;
using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.FineTuning;
using Graft.Training.Probe;

namespace Graft.Training.Release;

/// <summary>
/// Finds the training images that look most like the test images with wrong answers. The features of the training
/// images are those of the run; the test images are few, and go through the exported network.
/// </summary>
/// <param name="features">The features of the training images, as the novelty score compares them.</param>
/// <param name="data">The images of the run.</param>
/// <param name="plan">Limits and threads.</param>
internal sealed class MistakeNeighbours(NoveltyFeatures features, TrainingData data, ReleasePlan plan)
{
    private const int MostNeighbours = 3;

    /// <summary>The nearest training images of the mistakes that the report shows.</summary>
    /// <param name="evaluation">The answers of the exported network.</param>
    /// <param name="shipped">The candidate that was exported.</param>
    /// <param name="body">The body.</param>
    /// <param name="extraction">The features of the training images.</param>
    /// <param name="data">The images of the run.</param>
    /// <param name="plan">Pooling, limits and threads.</param>
    public static IReadOnlyList<NearestOfImage> Find(
        FinalEvaluation evaluation,
        ModelCandidate shipped,
        TrainableBody body,
        FeatureView extraction,
        TrainingData data,
        ReleasePlan plan
    )
    {
        LabelledImage[] mistakes = [.. MistakeSection.Shown(evaluation.Answers).Select(answer => answer.Image)];
        if (mistakes.Length == 0)
        {
            return [];
        }

        using NoveltyFeatures features = new(shipped.Network, body, shipped.Cut, extraction, data, plan.Pooling);
        MistakeNeighbours neighbours = new(features, data, plan);
        return neighbours.Of(mistakes, evaluation.Exported.Bytes, body.Preprocessing);
    }

    private IReadOnlyList<NearestOfImage> Of(LabelledImage[] mistakes, byte[] network, Preprocessing preprocessing)
    {
        float[][] directions = DirectionsOf(mistakes, network, preprocessing);
        IReadOnlyList<LabelledImage> images = data.Everything;
        PriorityQueue<int, double>[] nearest = Array.ConvertAll(directions, _ => new PriorityQueue<int, double>());
        FeatureMatrix known = features.Compute(images);
        foreach ((int first, ReadOnlyMemory<float> rows) in known.Blocks())
        {
            for (int i = 0; i < rows.Length / known.FeatureCount; i++)
            {
                ReadOnlySpan<float> row = rows.Span.Slice(i * known.FeatureCount, known.FeatureCount);
                for (int n = 0; n < directions.Length; n++)
                {
                    Keep(nearest[n], first + i, Distance(directions[n], row));
                }
            }
        }

        return [.. mistakes.Select((mistake, n) => new NearestOfImage(mistake.Name, Sorted(nearest[n], images)))];
    }

    private float[][] DirectionsOf(LabelledImage[] images, byte[] network, Preprocessing preprocessing)
    {
        OnnxModel model = OnnxModel.Parse(network, "the exported network");
        string edge = model.Graph.Node.Last(node => node.Output.Contains(NoveltyOutput.Products)).Input[0];
        model.Graph.Output.Clear();
        model.Graph.Output.Add(new ValueInfoProto { Name = edge });
        using OnnxSession session = new(model, "the exported network", plan.Threads);
        Preprocessor preprocessor = new(preprocessing, plan.ImageLimits);
        return Array.ConvertAll(images, image =>
        {
            byte[] pixels = preprocessor.Render(image.ReadBytes(plan.ImageLimits), image.Name);
            float[] planes = Array.ConvertAll(pixels, value => (float)value);
            return session.Run(planes, 1, 3, preprocessing.Height, preprocessing.Width)[0].Singles!;
        });
    }

    private static double Distance(ReadOnlySpan<float> direction, ReadOnlySpan<float> row)
    {
        double length = (double)TensorPrimitives.Norm(direction) * TensorPrimitives.Norm(row);
        double cosine = TensorPrimitives.Dot(direction, row) / Math.Max(length, NoveltyScore.LeastLength);
        return Math.Clamp(1 - cosine, 0, 2);
    }

    // The queue gives the farthest of the kept images first.
    private static void Keep(PriorityQueue<int, double> kept, int number, double distance)
    {
        if (kept.Count < MostNeighbours)
        {
            kept.Enqueue(number, -distance);
        }
        else
        {
            kept.EnqueueDequeue(number, -distance);
        }
    }

    private static NearTrainingImage[] Sorted(PriorityQueue<int, double> kept, IReadOnlyList<LabelledImage> images) =>
        [
            .. kept
                .UnorderedItems.OrderByDescending(item => item.Priority)
                .ThenBy(item => item.Element)
                .Select(item => new NearTrainingImage(images[item.Element].Name, -item.Priority)),
        ];
}
