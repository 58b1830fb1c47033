using Graft.Explanation;
using Graft.Prediction;

namespace Graft.Training.Release;

/// <summary>Writes report.html: what the model can do, where it errs, and how it was made.</summary>
internal static class RunPage
{
    /// <summary>The page as HTML.</summary>
    public static string Write(ReportSource source)
    {
        using Explainer? explainer = source.LoadExplainer();
        ModelCard card = explainer?.Card ?? CardOf(source.ModelPath);
        PagePictures pictures = new(source.Limits);
        AnswerCards cards = new(pictures);
        PageSection?[] sections =
        [
            SampleSection.Of(source, cards),
            source.AreSets ? LabelSection.Of(source) : ClassSection.Of(source, cards),
            MistakeSection.Of(source, cards, pictures),
            explainer is null ? null : HeatSection.Of(source, explainer, pictures),
            ConfidenceSection.Of(source),
            DataSection.Of(source, pictures),
            CurveSection.Of(source),
            TrialSection.Of(source),
            FrozenSection.Of(source),
            CostSection.Of(source),
            NoticeSection.Of(source),
            ReproduceSection.Of(source),
            UseSection.Of(source, card),
        ];
        string classes = source.AreSets
            ? PageFormat.Counted(card.Labels.Count, "label")
            : PageFormat.Counted(card.Labels.Count, "class", "classes");
        return PageTemplate
            .Render(
                "page",
                new
                {
                    Title = $"{source.SetName}: Graft report",
                    Style = new Markup(PageTemplate.Read("style.css")),
                    Kicker = "Graft report",
                    Heading = $"{source.SetName}: {classes}",
                    Headline = HeadlineBlock.Of(source, card),
                    Sections = sections.OfType<PageSection>().ToArray(),
                    Footer = $"Written by {card.CreatedBy}. This file loads nothing from other places.",
                }
            )
            .Html;
    }

    private static ModelCard CardOf(string model)
    {
        using Predictor predictor = Predictor.Load(model);
        return predictor.Card;
    }
}
