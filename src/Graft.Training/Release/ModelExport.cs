using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Prediction;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.FineTuning;
using Graft.Training.Metrics;
using Graft.Training.Probe;
using Graft.Training.Run;

namespace Graft.Training.Release;

/// <summary>Writes the deployed file: a network from pixels to probabilities, with its card.</summary>
internal static class ModelExport
{
    /// <summary>Program and version, as cards name them.</summary>
    public static string Creator => $"graft {typeof(ModelExport).Assembly.GetName().Version!.ToString(3)}";

    /// <summary>Builds the file of the shipped candidate, compares it with the trained network and writes it.</summary>
    /// <param name="choice">The candidates and the one that is shipped.</param>
    /// <param name="body">The body.</param>
    /// <param name="extraction">The features of the images.</param>
    /// <param name="data">The images of the run.</param>
    /// <param name="plan">How the model is released.</param>
    /// <param name="cache">The cache of results of ONNX Runtime. Null: none.</param>
    /// <param name="run">The run that receives the file and the notices.</param>
    /// <exception cref="GraftException">The file differs from the trained network.</exception>
    public static ExportedModel Write(
        CandidateSelection choice,
        TrainableBody body,
        FeatureView extraction,
        TrainingData data,
        ReleasePlan plan,
        ActivationCache? cache,
        TrainingRun run
    )
    {
        // several copies of the network follow, each short-lived
        using IDisposable apart = ProcessMemory.KeepLargeBlocksApart();
        ModelCandidate shipped = choice.Shipped;
        Calibration calibration = Calibration.Fit(shipped.HeldOutLogits, shipped.HeldOutLabels, data.ClassCount);
        OnnxModel model = Build(shipped.Network, body.Preprocessing, calibration, data.ClassCount);
        AppendNoveltyScore(model, shipped, body, extraction, data, plan.Pooling);
        BranchJoints.Remove(model);
        ProcessMemory.Return(growth: 0); // the novelty score read all features
        byte[] bare = model.ToBytes();
        LabelledImage[] images = [.. data.Validation, .. data.Train];
        string edge = shipped.Cut?.Edge ?? HeadBuilder.Features;
        double difference = ParityCheck.Run(
            bare,
            shipped.Network,
            edge,
            body,
            calibration,
            images,
            plan.ImageLimits,
            cache
        );
        ProcessMemory.Return(growth: 0); // the bytes of the part before the cut
        FaultPoint.Hit("parity-checked");

        double[]? thresholds = ThresholdsOf(shipped, calibration, data, plan.Threshold);
        ConfidenceThreshold? threshold = ThresholdOf(shipped, calibration, thresholds, plan, run);
        SelfTest selfTest = CachedSelfTest.Of(bare, run.ModelPath, body.Preprocessing, cache);
        ModelCard card = CardOf(shipped, body, data, plan, selfTest) with
        {
            Task = data.Task,
            Temperature = thresholds is null ? calibration.Temperature : 1,
            Thresholds = thresholds,
            UnsureBelow = threshold?.UnsureBelow,
        };
        model.SetMetadata(ModelCard.MetadataKey, card.Checked(model.Graph.Name).ToJson());
        ProcessMemory.Return(); // the network of the self-test, before the bytes of the file are made
        FaultPoint.Hit("self-test-made");
        run.Write(model, card);
        return new(bare, calibration, thresholds, threshold, difference, new FileInfo(run.ModelPath).Length);
    }

    private static ConfidenceThreshold? ThresholdOf(
        ModelCandidate shipped,
        Calibration calibration,
        double[]? thresholds,
        ReleasePlan plan,
        TrainingRun run
    )
    {
        ConfidenceThreshold? threshold = ConfidenceThreshold.Of(
            shipped.HeldOutLogits,
            shipped.HeldOutLabels,
            calibration,
            thresholds,
            plan.MaxError
        );
        threshold?.Report(run);
        return threshold;
    }

    // Null where each image has one label.
    private static double[]? ThresholdsOf(
        ModelCandidate shipped,
        Calibration calibration,
        TrainingData data,
        LabelThreshold asked
    ) =>
        data.Task == ClassificationTask.MultiLabel
            ? LabelThresholds.Of(
                asked,
                calibration.Probabilities(shipped.HeldOutLogits),
                shipped.HeldOutLabels,
                data.ClassCount
            )
            : null;

    private static ModelCard CardOf(
        ModelCandidate shipped,
        TrainableBody body,
        TrainingData data,
        ReleasePlan plan,
        SelfTest selfTest
    ) =>
        new()
        {
            Labels = data.Set.Classes,
            Preprocessing = body.Preprocessing,
            Bodies =
            [
                .. body.Cards.Select(card => new BodyCard(card.Name, card.Licence, card.Origin, card.WeightsSha256)),
            ],
            Outputs = [OutputCard.Probabilities(data.Task), OutputCard.Unfamiliarity],
            Recipe = plan.Recipe,
            IsReproducible = plan.IsReproducible,
            DataFingerprint = data.Fingerprint,
            Images = new(data.Train.Count, data.Validation.Count, data.Test.Count),
            Scores = new(shipped.Score.Accuracy, null),
            CreatedBy = Creator,
            SelfTest = selfTest,
        };

    // Held-out images set the threshold; the class centres come from all images that the weights saw.
    private static void AppendNoveltyScore(
        OnnxModel model,
        ModelCandidate shipped,
        TrainableBody body,
        FeatureView extraction,
        TrainingData data,
        Pooling pooling
    )
    {
        NoveltyGroups groups = NoveltyGroups.Of(data.TrueLabelsOf(data.Everything), data.ClassCount);
        using NoveltyFeatures novelty = new(shipped.Network, body, shipped.Cut, extraction, data, pooling);
        FeatureMatrix features = novelty.Compute(data.Everything);
        NoveltyScore score = NoveltyScore.Fit(features, groups);
        double[] distances = shipped.HeldOutDistances is { Length: > 0 } heldOut
            ? heldOut
            : score.LeaveOneOut(features, groups.Numbers);
        score.AppendTo(model, NoveltyFeatures.EdgeIn(model, body, pooling), NoveltyScore.Threshold(distances));
    }

    /// <summary>
    /// Adds normalisation in front of a network, and what makes probabilities of its logits behind it. Removes dropout
    /// and frees the batch dimension.
    /// </summary>
    /// <param name="network">Takes normalised images. Its first output is the logits, [N,C].</param>
    /// <param name="recipe">Input transform of the network.</param>
    /// <param name="temperature">Divides the logits.</param>
    /// <param name="classCount">Number of classes.</param>
    public static OnnxModel Build(OnnxModel network, Preprocessing recipe, double temperature, int classCount) =>
        Build(network, recipe, Calibration.OfTemperature(temperature, classCount), classCount);

    /// <param name="calibration">What makes the probabilities honest.</param>
    /// <inheritdoc cref="Build(OnnxModel, Preprocessing, double, int)"/>
    public static OnnxModel Build(OnnxModel network, Preprocessing recipe, Calibration calibration, int classCount)
    {
        OnnxModel model = Normalisation.Prepend(WithoutDropout(network), recipe);
        OutputNodes.Append(model, calibration);
        model.Graph.Output.Clear();
        model.Graph.Output.Add(EdgeDeclaration.Create(ClassifierEdges.Probabilities, [classCount]));
        model.Graph.ValueInfo.Clear();
        return model;
    }

    private static OnnxModel WithoutDropout(OnnxModel network)
    {
        OnnxModel model = network.Clone();
        Dictionary<string, string> replaced = [];
        foreach (
            NodeProto node in model
                .Graph.Node.Where(n => n.OpType == "Dropout" && n.Output.Count(o => o.Length > 0) == 1)
                .ToList()
        )
        {
            replaced[node.Output[0]] = node.Input[0];
            model.Graph.Node.Remove(node);
        }

        foreach (NodeProto node in model.Graph.Node)
        {
            for (int i = 0; i < node.Input.Count; i++)
            {
                while (replaced.TryGetValue(node.Input[i], out string? source))
                {
                    node.Input[i] = source;
                }
            }
        }

        HashSet<string> read = [.. model.Graph.Node.SelectMany(node => node.InputEdges())];
        foreach (TensorProto unused in model.Graph.Initializer.Where(w => !read.Contains(w.Name)).ToList())
        {
            model.Graph.Initializer.Remove(unused);
        }

        return model;
    }
}
