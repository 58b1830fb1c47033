using System.Globalization;
using Graft.Prediction;

namespace Graft.Training.Release;

/// <summary>The top of a report: one sentence, the figure with its interval, and what the model is.</summary>
internal static class HeadlineBlock
{
    public static Markup Of(ReportSource source, ModelCard card)
    {
        RunEvaluation evaluation = source.Evaluation;
        Interval interval = evaluation.HeadlineInterval;
        return PageTemplate.Render(
            "headline",
            new
            {
                Figure = source.Figures.Share(NameOf(source)),
                Sentence = SentenceOf(source),
                Low = Percent(interval.Low),
                Width = Percent(interval.High - interval.Low),
                Point = Percent(evaluation.Headline),
                More = MoreOf(source, card),
            }
        );
    }

    private static string NameOf(ReportSource source) => source.AreSets ? "meanAveragePrecision" : "accuracy";

    private static string Percent(double share) => (100 * share).ToString("0.##", CultureInfo.InvariantCulture);

    private static Markup SentenceOf(ReportSource source)
    {
        Figures figures = source.Figures;
        Markup interval = figures.Interval($"{NameOf(source)}Interval");
        Markup groups =
            source.Evaluation.TestGroups > 0
                ? Markup.Of($" in {Counted(figures, source.Evaluation.TestGroups)}")
                : Markup.Empty;
        return source.AreSets
            ? Markup.Of(
                $"""
                mean average precision on {figures.Count("count")} test images{groups} that the training never saw.
                All labels are right for {figures.Count("correct")} of them. The 95 % interval is {interval}.
                """
            )
            : Markup.Of(
                $"""
                of the test images are classified correctly: {figures.Count("correct")} of {figures.Count("count")}
                images{groups} that the training never saw. The 95 % interval is {interval}.
                """
            );
    }

    private static Markup Counted(Figures figures, int groups) =>
        Markup.Of($"{figures.Count("testGroups")} {(groups == 1 ? "group" : "groups")}");

    private static Markup MoreOf(ReportSource source, ModelCard card)
    {
        Figures figures = source.Figures;
        List<Markup> blocks = [];
        if (source.Evaluation.LeakedTestImages > 0)
        {
            Markup without = source.Evaluation.AccuracyWithoutLeaks is null
                ? Markup.Empty
                : Markup.Of(
                    $"""
                    Without them it is {figures.Share("accuracyWithoutLeaks")}, with the interval
                    {figures.Interval("accuracyIntervalWithoutLeaks")}.
                    """
                );
            blocks.Add(
                Block.Box(
                    "warning",
                    Markup.Of(
                        $"""
                        {figures.Count("leakedTestImages")} test images show the same as a training or validation
                        image.{without}
                        """
                    )
                )
            );
        }

        if (!source.HasPictures)
        {
            blocks.Add(Block.Box("note", "The images of this run were not found, so the report has no pictures."));
        }

        blocks.Add(Block.Paragraph($"{source.Relative(source.Evaluation.Reason)}"));
        blocks.Add(Block.Facts(FactsOf(source, card)));
        return Markup.Join(blocks);
    }

    private static IEnumerable<(string, object)> FactsOf(ReportSource source, ModelCard card)
    {
        Figures figures = source.Figures;
        yield return ("Linear probe alone", figures.Share("probeAccuracy"));
        yield return (
            "On held-out images of the training",
            Markup.Of($"{figures.Share("validationAccuracy")} (probe {figures.Share("probeValidationAccuracy")})")
        );
        yield return (
            card.Bodies.Count == 1 ? "Body" : "Bodies",
            string.Join(", ", card.Bodies.Select(body => body.Name))
        );
        string[] licences = [.. card.Bodies.Select(body => body.License).OfType<string>().Distinct()];
        yield return ("Licence of the body", licences.Length == 0 ? "unknown" : string.Join(", ", licences));
        yield return (
            "Model file",
            string.Create(CultureInfo.InvariantCulture, $"{new FileInfo(source.ModelPath).Length / 1e6:0.0} MB")
        );
        yield return ("Seed", source.Options.Options.Seed.ToString(CultureInfo.InvariantCulture));
        yield return ("Version", card.CreatedBy);
        if (source.History.Began is DateTimeOffset began)
        {
            yield return ("Date", began.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        }
    }
}
