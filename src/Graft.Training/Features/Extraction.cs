using Graft.Data;
using Graft.Imaging;
using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Heads;
using Graft.Training.Phases;
using Graft.Training.Runs;

namespace Graft.Training.Features;

/// <summary>What the frozen part of the network gives for the training and validation images, in one pass.</summary>
/// <param name="Features">The body's output as vectors, float32.</param>
/// <param name="Cut">The activations at the cut; null where the head alone is trained.</param>
/// <param name="FirstRows">By image path: the row of its view 0.</param>
/// <param name="Views">Rows a training image: the plain view and the random ones; likewise a validation image that was drawn out of them. One that the data give has the plain view alone.</param>
internal sealed record Extraction(
    FeatureRows Features, RowStore? Cut, IReadOnlyDictionary<string, int> FirstRows, int Views, IReadOnlyList<RejectedImage> Rejected)
{
    /// <summary>Multiply-adds that the random views may cost in all where the user names no number: about a minute on two cores.</summary>
    private const double ViewBudget = 2e12;
    private const int FewestViews = 2;
    private const int MostViews = 8;

    public string Summary => $"{Features.FeatureCount:N0} features an image" + (Cut is null ? "" : $"; activations of {string.Join(" x ", Cut.Shape)} kept");

    /// <summary>The number of random views where the user names none: as many as the budget allows, at least 2 and at most 8.</summary>
    public static int ViewsFor(int imageCount, long multiplyAdds) =>
        (int)Math.Clamp(ViewBudget / ((double)imageCount * Math.Max(1, multiplyAdds)), FewestViews, MostViews);

    /// <param name="cut">The edge where the trained part begins; null: the head alone is trained.</param>
    /// <param name="views">Random views a training image.</param>
    /// <param name="testRows">Rows a test image: 0, they are only decoded, to know that they can be; 1 where Graft's own defaults are measured (bench).</param>
    public static Extraction Run(
        TrainableBody body, CutPoint? cut, Pooling pooling, TrainingData data, int views, TrainingOptions options, IProgress<TrainingEvent> progress, CancellationToken cancel, int testRows = 0)
    {
        OnnxModel pooled = HeadBuilder.AppendPooling(body.Model, body.Seam, pooling);
        int featureCount = (int)ShapeProbe.Measure(pooled, [HeadBuilder.Features], 1, body.InputShape)[HeadBuilder.Features][1];
        string[] edges = cut is null ? [HeadBuilder.Features] : [HeadBuilder.Features, cut.Edge];
        OnnxModel prefix = Normalisation.Prepend(GraphEdit.Prefix(pooled, edges), body.Preprocessing);

        List<ExtractionItem> items = [];
        Dictionary<string, int> firstRows = [];
        int rows = 0;
        foreach (LabelledImage image in data.Split.Images)
        {
            int count = image.Part switch { ImagePart.Test => testRows, ImagePart.Train => 1 + views, _ => data.HasOwnValidation ? 1 : 1 + views };
            items.Add(new(image, rows, count));
            firstRows[image.Path] = rows;
            rows += count;
        }

        FeatureRows features = new(rows, featureCount);
        RowStore? store = cut is null ? null : new(cut.Shape, rows);
        using OnnxSession network = new(prefix, body.Card.Name, threads: 1);
        FeatureExtractor extractor = new(network, new Preprocessor(body.Preprocessing, options.Limits.Image), options.Seed, options.ExtractionThreads);
        IReadOnlyList<RejectedImage> rejected = extractor.Run(items, store is null ? [features] : [features, store], progress, cancel);
        return new(features, store, firstRows, 1 + views, rejected);
    }

    /// <summary>Rows of some images, for training (all views) or judging (the plain view).</summary>
    public LabelledRows Rows(IRowSource source, TrainingData data, IReadOnlyList<LabelledImage> images) =>
        new(source, [.. images.Select(image => FirstRows[image.Path])], data.LabelsOf(images), Views);
}
