using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Views;

/// <summary>An evaluation for people: the accuracy, a table of the classes, and the confusions.</summary>
internal static class EvaluationView
{
    private const int MostClasses = 20; // a wider confusion matrix is not read
    private const int MostConfusions = 10;

    public static void Write(Evaluation evaluation, string what, Loudness loudness, Terminal terminal)
    {
        if (evaluation.MeanAveragePrecision is not null)
        {
            LabelView.Write(evaluation, what, terminal);
            return;
        }

        TextWriter output = terminal.Output;
        output.WriteLine($"Accuracy           {Accuracy(evaluation.Correct, evaluation.Count)} ({what})");
        output.WriteLine(
            $"Balanced accuracy  {evaluation.BalancedAccuracy:0.000}, macro F1 {evaluation.MacroF1:0.000}"
        );
        output.WriteLine(
            $"Log-loss           {evaluation.LogLoss:0.000} nats, calibration error {evaluation.CalibrationError:0.000}"
        );
        if (evaluation.Sure is not null)
        {
            output.WriteLine($"Sure               {Sure(evaluation)}");
        }

        output.WriteLine();
        WriteClasses(evaluation, terminal);
        output.WriteLine();
        if (evaluation.Classes.Count <= MostClasses)
        {
            WriteConfusion(evaluation, terminal);
        }
        else
        {
            WriteWorst(evaluation, terminal);
        }

        if (loudness == Loudness.Verbose)
        {
            output.WriteLine();
            WriteRisks(evaluation, terminal);
        }
    }

    /// <summary>"of 0.941 (320 of 340), from a confidence of 0.830 on; 0.006 of these are wrong (2)"</summary>
    public static string Sure(Evaluation evaluation)
    {
        Abstention sure = evaluation.Sure!;
        string errors = sure.Risk is null ? "" : $"; {sure.Risk:0.000} of these are wrong ({sure.Errors:N0})";
        string answered = evaluation.MeanAveragePrecision is null
            ? $"{sure.Answered:N0} of {evaluation.Count:N0}"
            : $"{sure.Answered:N0} of the given labels";
        return $"of {sure.Coverage:0.000} ({answered}), from a confidence of " + $"{sure.Threshold:0.000} on{errors}";
    }

    /// <summary>How wrong the model would be if it answered only where it is surest.</summary>
    public static void WriteRisks(Evaluation evaluation, Terminal terminal)
    {
        string answers = evaluation.MeanAveragePrecision is null ? "images" : "labels";
        ResultTable table = new(["confidence from", answers, "share", "wrong", "share wrong"], [0, 1, 2, 3, 4]);
        foreach (Abstention row in evaluation.RiskCoverage)
        {
            table.Add(
                $"{row.Threshold:0.000}",
                $"{row.Answered:N0}",
                $"{row.Coverage:0.000}",
                $"{row.Errors:N0}",
                Share(row.Risk)
            );
        }

        table.WriteTo(terminal.OutputConsole);
    }

    /// <summary>"0.950 (57 of 60; 95 % interval 0.863 to 0.983)"</summary>
    public static string Accuracy(int correct, int count)
    {
        Interval interval = Interval.Wilson(correct, count);
        return $"{(double)correct / count:0.000} ({correct:N0} of {count:N0}; 95 % interval {interval.Low:0.000} to "
            + $"{interval.High:0.000})";
    }

    private static void WriteClasses(Evaluation evaluation, Terminal terminal)
    {
        ResultTable table = new(["class", "images", "precision", "recall", "F1"], [1, 2, 3, 4]);
        foreach (ClassEvaluation one in evaluation.Classes)
        {
            table.Add(
                Printable.Text(one.Name),
                $"{one.Support:N0}",
                Share(one.Precision),
                Share(one.Recall),
                Share(one.F1)
            );
        }

        table.WriteTo(terminal.OutputConsole);
    }

    private static void WriteConfusion(Evaluation evaluation, Terminal terminal)
    {
        string[] names = [.. evaluation.Classes.Select(one => Printable.Text(one.Name))];
        ResultTable table = new(["class \\ predicted", .. names], [.. Enumerable.Range(1, names.Length)]);
        for (int row = 0; row < names.Length; row++)
        {
            table.Add([names[row], .. evaluation.Confusion[row].Select(count => count == 0 ? "." : $"{count:N0}")]);
        }

        table.WriteTo(terminal.OutputConsole);
    }

    private static void WriteWorst(Evaluation evaluation, Terminal terminal)
    {
        int classCount = evaluation.Classes.Count;
        ResultTable table = new(["most often confused", "mistaken for", "images"], [2]);
        IEnumerable<(int Row, int Column)> pairs = Enumerable
            .Range(0, classCount * classCount)
            .Select(i => (i / classCount, i % classCount))
            .Where(pair => pair.Item1 != pair.Item2 && evaluation.Confusion[pair.Item1][pair.Item2] > 0)
            .OrderByDescending(pair => evaluation.Confusion[pair.Item1][pair.Item2])
            .Take(MostConfusions);
        foreach ((int row, int column) in pairs)
        {
            table.Add(
                Printable.Text(evaluation.Classes[row].Name),
                Printable.Text(evaluation.Classes[column].Name),
                $"{evaluation.Confusion[row][column]:N0}"
            );
        }

        if (table.RowCount > 0)
        {
            table.WriteTo(terminal.OutputConsole);
        }
    }

    public static string Share(double? value) => value is null ? "-" : $"{value:0.000}";
}
