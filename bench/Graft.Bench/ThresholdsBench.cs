using Graft.Prediction;
using Graft.Training;
using Graft.Training.Metrics;
using Graft.Training.Release;

namespace Graft.Bench;

/// <summary>
/// What the chosen thresholds of several labels gain over 0.5 on the test images of runs, which chose nothing.
/// </summary>
internal static class ThresholdsBench
{
    /// <summary>Prints F1 of each run by its thresholds and by 0.5, and their means.</summary>
    /// <param name="runs">Folders of runs, or of several seeds.</param>
    public static void Run(IEnumerable<string> runs)
    {
        List<(double Micro, double Macro)> own = [];
        List<(double Micro, double Macro)> usual = [];
        foreach (string run in runs.SelectMany(RunsIn))
        {
            using Predictor model = Predictor.Load(Path.Combine(run, "model.onnx"));
            ImageSplit split = RunFolder.Open(run).ReadSplit();
            ModelAnswers answers = ModelAnswers.Of([model], split.Test, TrainingProgress.None, CancellationToken.None);
            own.Add(F1(answers, answers.Thresholds[0]!));
            usual.Add(F1(answers, [.. model.Card.Labels.Select(_ => LabelThresholds.Usual)]));
            Print(run, own[^1], usual[^1]);
        }

        Print("mean", Mean(own), Mean(usual));
    }

    private static IEnumerable<string> RunsIn(string folder) =>
        RunFolder.Exists(folder) ? [folder] : Directory.EnumerateDirectories(folder).Where(RunFolder.Exists).Order();

    private static (double Micro, double Macro) F1(ModelAnswers answers, double[] thresholds)
    {
        LabelDecisions decisions = LabelDecisions.Of(answers.Probabilities[0], answers.Labels, thresholds);
        return (decisions.MicroF1 ?? 0, decisions.MacroF1 ?? 0);
    }

    private static (double Micro, double Macro) Mean(List<(double Micro, double Macro)> all) =>
        (all.Average(one => one.Micro), all.Average(one => one.Macro));

    private static void Print(string name, (double Micro, double Macro) own, (double Micro, double Macro) usual) =>
        Console.WriteLine(
            $"{name}: micro F1 {own.Micro:0.0000} by its thresholds and {usual.Micro:0.0000} by 0.5, macro F1 "
                + $"{own.Macro:0.0000} and {usual.Macro:0.0000}"
        );
}
