using System.Globalization;
using static Graft.Training.Release.PageFormat;

namespace Graft.Training.Release;

/// <summary>A confusion matrix whose cells open the pictures that they count.</summary>
internal static class ConfusionMatrix
{
    /// <summary>More classes do not fit on a screen.</summary>
    public const int MostClasses = 30;

    private const int MostPerMistake = 12;
    private const int MostPerRightCell = 4;

    public static Markup Of(ReportSource source, AnswerCards cards)
    {
        int[] order = OrderOf(source.Evaluation);
        ILookup<(string, string), TestAnswer> answers = source.Answers.ToLookup(answer =>
            (answer.Image.Label, answer.GivenText)
        );
        IReadOnlyList<ClassEvaluation> classes = source.Evaluation.Classes;
        return PageTemplate.Render(
            "matrix",
            new
            {
                Names = order.Select(c => classes[c].Name).ToArray(),
                Rows = order
                    .Select(row => new
                    {
                        classes[row].Name,
                        Cells = order.Select(column => CellOf(source, row, column, answers)).ToArray(),
                    })
                    .ToArray(),
                Galleries = Galleries(source, order, answers, cards).ToArray(),
            }
        );
    }

    /// <summary>The classes, those with the most wrong answers from or to them first.</summary>
    public static int[] OrderOf(Evaluation evaluation)
    {
        IReadOnlyList<IReadOnlyList<int>> counts = evaluation.Confusion;
        return
        [
            .. Enumerable
                .Range(0, counts.Count)
                .OrderByDescending(c => counts[c].Sum() + counts.Sum(row => row[c]) - (2 * counts[c][c])),
        ];
    }

    private static object CellOf(
        ReportSource source,
        int row,
        int column,
        ILookup<(string, string), TestAnswer> answers
    )
    {
        IReadOnlyList<ClassEvaluation> classes = source.Evaluation.Classes;
        int count = source.Evaluation.Confusion[row][column];
        double share = count / (double)Math.Max(1, classes[row].Support);
        (string label, string answer) = (classes[row].Name, classes[column].Name);
        return new
        {
            IsEmpty = count == 0,
            Kind = row == column ? "right" : "wrong",
            Strength = (15 + (45 * share)).ToString("0", CultureInfo.InvariantCulture),
            HasPictures = answers[(label, answer)].Any(),
            Id = IdOf(row, column),
            Label = $"{label}, answered {answer}: {Counted(count, "image")}, {Share(share)}; show them",
            Count = source.Figures.Count($"confusion.{row}.{column}"),
            Share = share.ToString("0 %", CultureInfo.InvariantCulture),
        };
    }

    private static IEnumerable<object> Galleries(
        ReportSource source,
        int[] order,
        ILookup<(string, string), TestAnswer> answers,
        AnswerCards cards
    )
    {
        IReadOnlyList<ClassEvaluation> classes = source.Evaluation.Classes;
        var cells =
            from row in order
            from column in order
            orderby row == column // pictures of mistakes come first where room is short
            select (row, column);
        foreach ((int row, int column) in cells)
        {
            (string label, string answer) = (classes[row].Name, classes[column].Name);
            TestAnswer[] some = [.. answers[(label, answer)]];
            if (some.Length > 0)
            {
                int most = row == column ? MostPerRightCell : MostPerMistake;
                string shown = OnlyShown(some.Length, most);
                yield return new
                {
                    Id = IdOf(row, column),
                    Title = row == column
                        ? $"{label}, recognised: {Counted(some.Length, "image")}{shown}"
                        : $"{label}, mistaken for {answer}: {Counted(some.Length, "image")}{shown}",
                    Cards = cards.Of([.. some.OrderByDescending(one => one.Confidence).Take(most)]),
                };
            }
        }
    }

    private static string IdOf(int row, int column) =>
        string.Create(CultureInfo.InvariantCulture, $"cell-{row}-{column}");
}
