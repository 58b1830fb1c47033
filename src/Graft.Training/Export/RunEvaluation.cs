using System.Text.Json.Nodes;
using Graft.Training.Bodies;
using Graft.Training.Phases;
using Graft.Training.Runs;

namespace Graft.Training.Export;

/// <summary>The final look at the test images: the shipped file, and the probe beside it.</summary>
internal sealed record RunEvaluation(Evaluation Shipped, Evaluation Probe)
{
    public string Summary => $"accuracy {Shipped.Accuracy:P1} ({Shipped.Correct} of {Shipped.Count})";

    /// <summary>Evaluates the exported file and, where it is not the probe itself, the probe exported in the same way.</summary>
    public static RunEvaluation Of(ExportedModel exported, Choice choice, TrainableBody body, TrainingData data, TrainingOptions options, IProgress<TrainingEvent> progress)
    {
        List<byte[]> files = [exported.Bytes];
        if (!ReferenceEquals(choice.Shipped, choice.Probe))
        {
            files.Add(ModelExport.Build(choice.Probe.Network, body.Preprocessing, 1, data.ClassCount).ToBytes());
        }

        IReadOnlyList<float[]> probabilities = TestEvaluation.Probabilities(files, body.Preprocessing, data.Test, data.ClassCount, options.ExtractionThreads, progress);
        int[] labels = data.LabelsOf(data.Test);
        Evaluation shipped = Evaluation.Of(data.Set.Classes, labels, probabilities[0]);
        return new(shipped, files.Count == 1 ? shipped : Evaluation.Of(data.Set.Classes, labels, probabilities[1]));
    }

    /// <summary>
    /// Writes timing.json, and then evaluation.json: its bytes are those of any other run with the same seed, stopped or not, so that its "seconds" only say where the
    /// times are.
    /// </summary>
    public TrainingResult Finish(TrainingRun run, Choice choice, PhaseClock clock)
    {
        JsonObject json = Shipped.ToJson();
        json["shipped"] = choice.Shipped.Name;
        json["reason"] = choice.Reason;
        json["stopped"] = choice.Shipped.Stopped;
        json["validationAccuracy"] = choice.Shipped.Score.Accuracy;
        json["probeAccuracy"] = Probe.Accuracy;
        json["probeValidationAccuracy"] = choice.Probe.Score.Accuracy;
        json["seconds"] = new JsonObject { ["file"] = RunTiming.Name };
        run.WriteTiming(clock.Seconds);
        run.WriteEvaluation(json.ToJsonString(TrainingRun.Json));
        return new(run.Folder, run.ModelPath, choice.Shipped.Name, Shipped, Probe.Accuracy, clock.Seconds, choice.Reason);
    }
}
