using System.Text.Json;
using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Prediction;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.FineTuning;
using Graft.Training.Metrics;
using Graft.Training.Run;

namespace Graft.Training.Release;

/// <summary>Turns a trained network into the file that is deployed: pixels in, probabilities out.</summary>
internal static class ModelExport
{
    private const string Scaled = "graft.temperature.output";
    private const string TemperatureName = "graft.temperature";

    /// <summary>Builds the shipped candidate's file, proves it, and writes it.</summary>
    public static ExportedModel Write(
        CandidateSelection choice,
        TrainableBody body,
        FeatureView extraction,
        TrainingData data,
        TrainingOptions options,
        ActivationCache? cache,
        TrainingRun run
    )
    {
        // of the network in several forms, each for a moment
        using IDisposable apart = ProcessMemory.KeepLargeBlocksApart();
        double temperature = Temperature
            .Fit(
                Array.ConvertAll(choice.Shipped.HeldOutLogits, l => (double)l),
                choice.Shipped.HeldOutLabels,
                data.ClassCount
            )
            .Value;
        OnnxModel model = Build(choice.Shipped.Network, body.Preprocessing, temperature, data.ClassCount);
        AppendFamiliarity(model, choice, body, extraction, data, options);
        ProcessMemory.Return(growth: 0); // all features were read
        byte[] bare = model.ToBytes();
        string edge = choice.Shipped.Cut?.Edge ?? HeadBuilder.Features;
        double difference = ParityCheck.Run(
            bare,
            choice.Shipped.Network,
            edge,
            body,
            temperature,
            [.. data.Validation, .. data.Train],
            options.Limits.Image,
            cache
        );
        ProcessMemory.Return(growth: 0); // the bytes of the part before the cut
        FaultPoint.Hit("parity-checked");

        ConfidenceThreshold? threshold = ConfidenceThreshold.Of(
            choice.Shipped.HeldOutLogits,
            choice.Shipped.HeldOutLabels,
            temperature,
            options.MaxError
        );
        threshold?.Tell(run);

        ModelCard card = new()
        {
            Labels = data.Set.Classes,
            Preprocessing = body.Preprocessing,
            Body = new(body.Card.Name, body.Card.Licence, body.Card.Origin, body.Card.WeightsSha256),
            Recipe = JsonSerializer.SerializeToElement(options, TrainingRun.Json),
            DataFingerprint = data.Fingerprint,
            Images = new(data.Train.Count, data.Validation.Count, data.Test.Count),
            Scores = new(choice.Shipped.Score.Accuracy, null),
            Temperature = temperature,
            UnsureBelow = threshold?.UnsureBelow,
            CreatedBy = $"graft {typeof(ModelExport).Assembly.GetName().Version!.ToString(3)}",
            SelfTest = CachedSelfTest.Of(bare, run.ModelPath, body.Preprocessing, cache),
        };
        model.SetMetadata(ModelCard.MetadataKey, card.Checked(model.Graph.Name).ToJson());
        ProcessMemory.Return(); // the self-test's network, before the file's bytes are made
        FaultPoint.Hit("self-test-made");
        run.Write(model);
        return new(bare, temperature, threshold, difference, new FileInfo(run.ModelPath).Length);
    }

    // The threshold by images that the weights did not see, the centres by all that were learnt from.
    private static void AppendFamiliarity(
        OnnxModel model,
        CandidateSelection choice,
        TrainableBody body,
        FeatureView extraction,
        TrainingData data,
        TrainingOptions options
    )
    {
        int[] labels = data.LabelsOf(data.Everything);
        using NoveltyFeatures familiar = new(
            choice.Shipped.Network,
            body,
            choice.Shipped.Cut,
            extraction,
            data,
            options.Head.Pooling
        );
        FeatureMatrix features = familiar.Compute(data.Everything);
        NoveltyScore familiarity = NoveltyScore.Fit(features, labels, data.ClassCount);
        double[] distances = choice.Shipped.HeldOutDistances is { Length: > 0 } heldOut
            ? heldOut
            : familiarity.LeaveOneOut(features, labels);
        familiarity.AppendTo(
            model,
            NoveltyFeatures.EdgeIn(model, body, options.Head.Pooling),
            NoveltyScore.Threshold(distances)
        );
    }

    /// <summary>
    /// Normalisation in front, temperature and softmax behind; a free batch dimension; dropout left out.
    /// </summary>
    /// <param name="network">Takes normalised images; its first output are the logits, N x C.</param>
    public static OnnxModel Build(OnnxModel network, Preprocessing recipe, double temperature, int classCount)
    {
        OnnxModel model = Normalisation.Prepend(WithoutDropout(network), recipe);
        string logits = model.Graph.Output[0].Name;
        model.Graph.Initializer.Add(TensorValues.FromSingles(TemperatureName, [], [(float)temperature]));
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Div",
                Input = { logits, TemperatureName },
                Output = { Scaled },
            }
        );
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Softmax",
                Input = { Scaled },
                Output = { ClassifierEdges.Probabilities },
            }.WithAttribute("axis", 1)
        );
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

/// <summary>The file as it was written.</summary>
/// <param name="Bytes">Without the card: the same network.</param>
/// <param name="Threshold">Null where none was asked for.</param>
/// <param name="Difference">The largest difference of a probability between the file and the trained network.</param>
/// <param name="FileBytes">The file's length.</param>
internal sealed record ExportedModel(
    byte[] Bytes,
    double Temperature,
    ConfidenceThreshold? Threshold,
    double Difference,
    long FileBytes
)
{
    public string Summary =>
        $"{FileBytes / 1e6:0.0} MB; differs from the trained network by at most {Difference:0.0e0} in a probability; temperature {Temperature:0.00}";
}
