using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Views;

/// <summary>An evaluation of images that may have several labels.</summary>
internal static class LabelView
{
    private const int MostPairs = 10;

    /// <summary>"0.973 (95 % interval 0.951 to 0.988)"</summary>
    public static string Precision(Evaluation evaluation)
    {
        Interval interval = evaluation.MeanAveragePrecisionInterval!.Value;
        return $"{evaluation.MeanAveragePrecision:0.000} (95 % interval {interval.Low:0.000} to {interval.High:0.000})";
    }

    /// <summary>"all labels right in 55 of 60 images, micro F1 0.950, macro F1 0.948"</summary>
    public static string Decisions(Evaluation evaluation) =>
        $"all labels right in {evaluation.Correct:N0} of {evaluation.Count:N0} images, micro F1 "
        + $"{evaluation.MicroF1:0.000}, macro F1 {evaluation.MacroF1:0.000}";

    /// <summary>What a finished run tells of its labels.</summary>
    public static void WriteFields(Evaluation evaluation, Terminal terminal)
    {
        if (Absent(evaluation) is string absent)
        {
            terminal.WriteField("Left out:", absent);
        }

        terminal.WriteField("Labels:", Decisions(evaluation));
    }

    public static void Write(Evaluation evaluation, string what, Terminal terminal)
    {
        TextWriter output = terminal.Output;
        output.WriteLine($"Mean AP            {Precision(evaluation)} ({what})");
        if (Absent(evaluation) is string absent)
        {
            output.WriteLine($"Left out           {absent}");
        }

        output.WriteLine($"Decisions          {Decisions(evaluation)}");
        output.WriteLine(
            $"Wrong decisions    {evaluation.HammingLoss:0.000} of all, coverage error {evaluation.CoverageError:0.00}"
        );
        if (evaluation.Sure is not null)
        {
            output.WriteLine($"Sure               {EvaluationView.Sure(evaluation)}");
        }

        output.WriteLine(
            $"Log-loss           {evaluation.LogLoss:0.000} nats, calibration error {evaluation.CalibrationError:0.000}"
        );
        output.WriteLine();
        WriteClasses(evaluation, terminal);
        WritePairs(evaluation, terminal);
        output.WriteLine();
        EvaluationView.WriteRisks(evaluation, terminal);
    }

    /// <summary>"'nut', 'bolt': no image here has them"; null where every class has one.</summary>
    public static string? Absent(Evaluation evaluation)
    {
        string[] names =
        [
            .. evaluation.Classes.Where(one => one.Support == 0).Select(one => $"'{Printable.Text(one.Name)}'"),
        ];
        return names.Length == 0
            ? null
            : $"{string.Join(", ", names)}: no image here has {(names.Length == 1 ? "it" : "them")}";
    }

    private static void WriteClasses(Evaluation evaluation, Terminal terminal)
    {
        ResultTable table = new(
            ["label", "images", "AP", "interval", "precision", "recall", "F1", "given from"],
            [1, 2, 3, 4, 5, 6, 7]
        );
        foreach (ClassEvaluation one in evaluation.Classes)
        {
            table.Add(
                Printable.Text(one.Name),
                $"{one.Support:N0}",
                EvaluationView.Share(one.AveragePrecision),
                one.AveragePrecisionInterval is Interval interval ? $"{interval.Low:0.00}-{interval.High:0.00}" : "-",
                EvaluationView.Share(one.Precision),
                EvaluationView.Share(one.Recall),
                EvaluationView.Share(one.F1),
                $"{one.Threshold:0.00}"
            );
        }

        table.WriteTo(terminal.OutputConsole);
    }

    private static void WritePairs(Evaluation evaluation, Terminal terminal)
    {
        ResultTable table = new(["label", "other label", "other instead", "both missed"], [2, 3]);
        foreach (LabelPair pair in evaluation.LabelPairs!.Take(MostPairs))
        {
            table.Add(
                Printable.Text(pair.First),
                Printable.Text(pair.Second),
                $"{pair.Confused:N0}",
                $"{pair.MissedTogether:N0}"
            );
        }

        if (table.RowCount > 0)
        {
            terminal.Output.WriteLine();
            table.WriteTo(terminal.OutputConsole);
        }
    }
}
