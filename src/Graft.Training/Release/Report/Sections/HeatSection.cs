using Graft.Explanation;
using Graft.Imaging;
using static Graft.Training.Release.PageFormat;

namespace Graft.Training.Release;

/// <summary>The places of test images that speak for the model's answer.</summary>
internal static class HeatSection
{
    private const int MaxWrong = 4;
    private const int MaxShown = 8;

    public static PageSection? Of(ReportSource source, Explainer explainer, PagePictures pictures)
    {
        TestAnswer[] wrong =
        [
            .. source
                .Answers.Where(answer => !answer.IsCorrect && answer.Given.Count > 0)
                .OrderByDescending(answer => answer.Confidence)
                .Take(MaxWrong),
        ];
        TestAnswer[] right =
        [
            .. source
                .Answers.Where(answer => answer.IsCorrect && answer.Given.Count > 0)
                .GroupBy(answer => answer.GivenText)
                .Select(label => label.First())
                .Take(MaxShown - wrong.Length),
        ];
        pictures.Prepare([.. wrong.Concat(right).Select(answer => answer.Image)]);
        PageCard[] cards =
        [
            .. wrong.Concat(right).Select(answer => CardOf(answer, source, explainer, pictures)).OfType<PageCard>(),
        ];
        return cards.Length == 0
            ? null
            : new(
                "heat",
                "What the model looked at",
                "Places that speak for the answer are warm, the strongest ones pale yellow. Wrong answers come first.",
                [Block.Cards(cards)]
            );
    }

    // null where the image cannot be read any more
    private static PageCard? CardOf(TestAnswer answer, ReportSource source, Explainer explainer, PagePictures pictures)
    {
        try
        {
            ImageExplanation explanation = explainer.Explain(
                answer.Image.ReadBytes(source.Limits),
                answer.Image.Name,
                answer.Given[0]
            );
            return new(
                [
                    pictures.Of(answer.Image, answer.LabelText),
                    pictures.Of(explanation, $"places that speak for {explanation.Label}"),
                ],
                answer.IsCorrect ? answer.LabelText : $"{answer.LabelText}, mistaken for {answer.GivenText}",
                $"places that speak for {explanation.Label}; {Share(answer.Confidence)} confident",
                answer.Image.Name
            )
            {
                Kind = answer.IsCorrect ? "right" : "wrong",
            };
        }
        catch (ImageException)
        {
            return null;
        }
    }
}
