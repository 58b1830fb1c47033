using Graft.Imaging;
using static Graft.Training.Release.PageFormat;

namespace Graft.Training.Release;

/// <summary>The test images that the model classifies wrongly, with thumbnails.</summary>
internal static class MistakeSection
{
    private const int MaxShown = 24;

    /// <param name="page">The page.</param>
    /// <param name="mistakes">The mistakes, most confident first.</param>
    /// <param name="limits">What decoding one image may cost.</param>
    public static void AddTo(HtmlPage page, IReadOnlyList<Mistake> mistakes, DecodeLimits limits)
    {
        if (mistakes.Count == 0)
        {
            page.Heading("Mistakes", "none on the test images");
            return;
        }

        string shown = mistakes.Count > MaxShown ? $", {MaxShown} shown" : "";
        page.Heading(
                "Mistakes",
                $"{mistakes.Count:N0} test images, most confident first{shown}; a wrong label looks the same"
            )
            .Append($"<div class=\"cards small\">");
        Mistake[] first = [.. mistakes.Take(MaxShown)];
        string?[] pictures = new string?[first.Length];
        Parallel.For(0, first.Length, i => pictures[i] = Thumbnail.Of(first[i].Image, limits));
        foreach ((Mistake mistake, string? picture) in first.Zip(pictures))
        {
            AddCard(page, mistake, picture);
        }

        page.Append($"</div>");
    }

    private static void AddCard(HtmlPage page, Mistake mistake, string? picture)
    {
        string label = HtmlPage.Text(mistake.Image.Label);
        string answer = HtmlPage.Text(mistake.Answer);
        string name = HtmlPage.Text(mistake.Image.Name);
        page.Append($"<div class=card>").Picture(picture, "");
        page.Append($"<b>{label}, mistaken for {answer}</b>{Share(mistake.Confidence)} confident ");
        page.Append($"<span class=quiet>{name}</span></div>\n");
    }
}
