using static Graft.Training.Release.PageFormat;

namespace Graft.Training.Release;

/// <summary>The results of each class, and which classes the model confuses.</summary>
internal static class ClassSection
{
    private const int MaxMatrixClasses = 30; // more do not fit on a screen
    private const int MaxConfusions = 20;

    public static void AddTo(HtmlPage page, Evaluation shipped)
    {
        AddClasses(page, shipped);
        if (shipped.Classes.Count <= MaxMatrixClasses)
        {
            AddMatrix(page, shipped);
        }
        else
        {
            AddConfusions(page, shipped);
        }
    }

    private static void AddClasses(HtmlPage page, Evaluation shipped) =>
        page.Heading(
                "Classes",
                "recall: share of the class that is found; precision: share of these answers that is right"
            )
            .Table(
                ["class", "test images", "recall", "precision", "F1"],
                shipped.Classes.OrderBy(one => one.F1 ?? 2).Select(RowOf)
            );

    private static (IReadOnlyList<string> Cells, bool IsChosen) RowOf(ClassEvaluation one) =>
        Row(one.Name, Number(one.Support, "N0"), Share(one.Recall), Share(one.Precision), Number(one.F1, "0.000"));

    private static void AddMatrix(HtmlPage page, Evaluation shipped)
    {
        IReadOnlyList<ClassEvaluation> classes = shipped.Classes;
        string head = string.Concat(classes.Select(one => $"<th>{HtmlPage.Text(one.Name)}"));
        page.Heading("Confusion matrix", "rows: true class; columns: answer")
            .Append($"<div class=wide><table><tr><th>{head}");
        for (int row = 0; row < classes.Count; row++)
        {
            int support = classes[row].Support;
            string cells = string.Concat(
                shipped.Confusion[row].Select((count, column) => Cell(count, support, row == column))
            );
            page.Append($"\n<tr><td>{HtmlPage.Text(classes[row].Name)}{cells}");
        }

        page.Append($"</table></div>\n");
    }

    private static void AddConfusions(HtmlPage page, Evaluation shipped)
    {
        IReadOnlyList<ClassEvaluation> classes = shipped.Classes;
        var pairs =
            from row in Enumerable.Range(0, classes.Count)
            from column in Enumerable.Range(0, classes.Count)
            where row != column && shipped.Confusion[row][column] > 0
            orderby shipped.Confusion[row][column] descending
            select Row(
                $"{classes[row].Name} mistaken for {classes[column].Name}",
                Number(shipped.Confusion[row][column], "N0"),
                Number(classes[row].Support, "N0")
            );
        page.Heading("Confused classes", $"the {MaxConfusions} most frequent pairs")
            .Table(["", "times", "test images of the class"], pairs.Take(MaxConfusions));
    }

    private static string Cell(int count, int support, bool isRight)
    {
        if (count == 0)
        {
            return "<td class=quiet>·";
        }

        string colour = isRight ? "30 111 217" : "239 140 0";
        double opacity = 0.1 + (0.5 * count / Math.Max(1, support));
        return FormattableString.Invariant($"<td style=\"background:rgb({colour}/{opacity:0.00})\">{count}");
    }
}
