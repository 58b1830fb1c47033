using System.Globalization;

namespace Graft.Training.Release;

/// <summary>The results of each class where images may have several labels, and which go wrong together.</summary>
internal static class LabelSection
{
    private static readonly string[] s_head =
    [
        "label",
        "test images",
        "AP",
        "AP interval",
        "F1",
        "F1 interval",
        "recall",
        "precision",
        "threshold",
    ];

    public static PageSection Of(ReportSource source)
    {
        Figures figures = source.Figures;
        List<Markup> blocks = [Block.Table("Results of each label", s_head, RowsOf(source))];
        string[] absent = [.. source.Evaluation.Classes.Where(one => one.Support == 0).Select(one => one.Name)];
        if (absent.Length > 0)
        {
            blocks.Add(
                Block.Box(
                    "note",
                    $"No test image has {string.Join(", ", absent)}: no average precision, and no part in the mean."
                )
            );
        }

        blocks.Add(
            Block.Facts([
                ("Micro F1", figures.Number("microF1")),
                ("Macro F1", figures.Number("macroF1")),
                (
                    "All labels of an image right",
                    Markup.Of($"{figures.Share("exactMatch")} ({figures.Interval("accuracyInterval")})")
                ),
                ("Mean recall", figures.Share("balancedAccuracy")),
                ("Wrong decisions (Hamming loss)", figures.Share("hammingLoss")),
                ("Coverage error", figures.Number("coverageError", "0.00")),
                ("Log loss", figures.Number("logLoss")),
            ])
        );
        AddPairs(blocks, source);
        return new(
            "classes",
            "Labels",
            "AP: average precision. Intervals hold 95 %. A label is given from its threshold on. Weak labels first.",
            blocks
        );
    }

    private static IEnumerable<PageRow> RowsOf(ReportSource source)
    {
        Figures figures = source.Figures;
        return from one in source.Evaluation.Classes.Index()
               orderby one.Item.AveragePrecision ?? 2, one.Index
               let path = string.Create(CultureInfo.InvariantCulture, $"classes.{one.Index}")
               select new PageRow(
                   one.Item.Name,
                   figures.Count($"{path}.support"),
                   figures.Number($"{path}.averagePrecision"),
                   figures.Interval($"{path}.averagePrecisionInterval"),
                   figures.Number($"{path}.f1"),
                   figures.Interval($"{path}.f1Interval"),
                   figures.Share($"{path}.recall"),
                   figures.Share($"{path}.precision"),
                   figures.Number($"{path}.threshold", "0.00")
               );
    }

    private static void AddPairs(List<Markup> blocks, ReportSource source)
    {
        IReadOnlyList<LabelPair> pairs = source.Evaluation.LabelPairs!;
        if (pairs.Count > 0)
        {
            blocks.Add(Block.Heading("Labels that go wrong together"));
            blocks.Add(
                Block.Table(
                    "In one test image",
                    ["labels", "second given instead of the first", "both missed"],
                    pairs.Select(
                        (pair, i) =>
                            new PageRow(
                                $"{pair.First}, {pair.Second}",
                                source.Figures.Count($"labelPairs.{i}.confused"),
                                source.Figures.Count($"labelPairs.{i}.missedTogether")
                            )
                    )
                )
            );
        }
    }
}
