using System.Globalization;
using static Graft.Training.Release.PageFormat;

namespace Graft.Training.Release;

/// <summary>The results of each class, and which classes the model confuses.</summary>
internal static class ClassSection
{
    private const int MaxConfusions = 20;

    public static PageSection Of(ReportSource source, AnswerCards cards)
    {
        List<Markup> blocks = [TableOf(source)];
        IReadOnlyList<ClassEvaluation> classes = source.Evaluation.Classes;
        if (classes.Count <= ConfusionMatrix.MostClasses)
        {
            blocks.Add(Block.Heading("Confusion matrix"));
            blocks.Add(ConfusionMatrix.Of(source, cards));
        }

        PageRow[] pairs = [.. PairsOf(source).Take(MaxConfusions)];
        if (pairs.Length > 0)
        {
            Markup table = Block.Table(
                "The most frequent confusions",
                ["true class and answer", "images", "of the class"],
                pairs
            );
            blocks.Add(
                classes.Count <= ConfusionMatrix.MostClasses ? Block.Details("Confusions as a list", table) : table
            );
        }

        return new(
            "classes",
            "Classes",
            "Recall: share of the class that is found. Precision: share of these answers that is right. "
                + "Weak classes first.",
            blocks
        );
    }

    private static Markup TableOf(ReportSource source)
    {
        Figures figures = source.Figures;
        var rows =
            from one in source.Evaluation.Classes.Index()
            orderby one.Item.F1 ?? 2, one.Index
            select new PageRow(
                one.Item.Name,
                figures.Count($"classes.{one.Index}.support"),
                Bar(figures.Share($"classes.{one.Index}.recall"), one.Item.Recall),
                Bar(figures.Share($"classes.{one.Index}.precision"), one.Item.Precision),
                figures.Number($"classes.{one.Index}.f1")
            );
        return Markup.Join([
            Block.Table("Results of each class", ["class", "test images", "recall", "precision", "F1"], rows),
            Block.Paragraph(
                $"""
                Mean recall (balanced accuracy) {figures.Share("balancedAccuracy")}, mean F1
                {figures.Number("macroF1")}, log loss {figures.Number("logLoss")} nats.
                """
            ),
        ]);
    }

    private static Markup Bar(Markup text, double? share) =>
        share is double value
            ? Markup.Of(
                $"""
                {text}<span class="bar"
                style="--share:{(100 * value).ToString("0.#", CultureInfo.InvariantCulture)}%"></span>
                """
            )
            : text;

    private static IEnumerable<PageRow> PairsOf(ReportSource source)
    {
        IReadOnlyList<ClassEvaluation> classes = source.Evaluation.Classes;
        return from row in Enumerable.Range(0, classes.Count)
               from column in Enumerable.Range(0, classes.Count)
               where row != column && source.Evaluation.Confusion[row][column] > 0
               orderby source.Evaluation.Confusion[row][column] descending
               select new PageRow(
                   $"{classes[row].Name} mistaken for {classes[column].Name}",
                   source.Figures.Count($"confusion.{row}.{column}"),
                   Share(source.Evaluation.Confusion[row][column] / (double)classes[row].Support)
               );
    }
}
