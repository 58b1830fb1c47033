using System.Globalization;
using static Graft.Training.Release.PageFormat;

namespace Graft.Training.Release;

/// <summary>Wrong answers to test images, and images whose label is likely wrong.</summary>
internal static class MistakeSection
{
    private const int MaxShown = 24;

    public static PageSection Of(ReportSource source, AnswerCards cards, PagePictures pictures)
    {
        List<Markup> blocks = [];
        TestAnswer[] mistakes = [.. Shown(source.Answers)];
        if (mistakes.Length > 0)
        {
            blocks.Add(cards.Of(mistakes, source.Nearest));
        }

        AddLabels(blocks, source, pictures);
        int wrong = source.Evaluation.Count - source.Evaluation.Correct;
        string shown = OnlyShown(source.Answers.Count(answer => !answer.IsCorrect), MaxShown);
        string near = source.Nearest.Count == 0 ? "" : " Beside each: the training images that look most like it.";
        return new(
            "mistakes",
            "Mistakes",
            wrong == 0
                ? "None on the test images."
                : $"{Counted(wrong, "test image")}, the most confident first{shown}.{near}",
            blocks
        );
    }

    /// <summary>The wrong answers that are shown, the most confident first.</summary>
    public static IEnumerable<TestAnswer> Shown(IReadOnlyList<TestAnswer> answers) =>
        answers.Where(answer => !answer.IsCorrect).OrderByDescending(answer => answer.Confidence).Take(MaxShown);

    private static void AddLabels(List<Markup> blocks, ReportSource source, PagePictures pictures)
    {
        Finding[] doubtful =
        [
            .. (source.Doctor?.Findings ?? [])
                .Where(finding => finding.Kind is FindingKind.WrongLabel or FindingKind.MissingLabel)
                .OrderByDescending(finding => finding.Score),
        ];
        if (doubtful.Length == 0)
        {
            return;
        }

        Dictionary<string, LabelledImage> images = source.Images.ToDictionary(image => image.Name);
        Finding[] shown = [.. doubtful.Take(MaxShown)];
        pictures.Prepare(shown.Select(finding => images.GetValueOrDefault(finding.Path)).OfType<LabelledImage>());
        string more = OnlyShown(doubtful.Length, MaxShown);
        blocks.Add(Block.Heading("Labels that are likely wrong"));
        blocks.Add(
            Block.Paragraph(
                $"""
                {Counted(doubtful.Length, "image")} of the training{more}. Networks that did not see an image
                prefer another answer.
                """
            )
        );
        blocks.Add(Block.Cards(shown.Select(finding => CardOf(finding, images, pictures))));
    }

    private static PageCard CardOf(Finding finding, Dictionary<string, LabelledImage> images, PagePictures pictures)
    {
        LabelledImage? image = images.GetValueOrDefault(finding.Path);
        string labels = image is { Labels.Count: > 0 } ? string.Join(", ", image.Labels) : "no label";
        string score = finding.Score is double nats
            ? string.Create(CultureInfo.InvariantCulture, $"by {nats:0.0} nats")
            : "";
        return new(
            [image is null ? Markup.Empty : pictures.Of(image, labels)],
            finding.Kind == FindingKind.MissingLabel
                ? $"{finding.Suggested} is missing?"
                : $"{labels}: rather {finding.Suggested}?",
            finding.Kind == FindingKind.MissingLabel
                ? $"has {labels}; more probable {score}"
                : $"more probable {score}",
            finding.Path
        )
        {
            Kind = "warning",
        };
    }
}
