using System.Text.Json;

namespace Graft.Training.Release;

/// <summary>Findings of the data doctor with their pictures.</summary>
/// <param name="images">The images that findings may be about.</param>
/// <param name="pictures">The pictures of the page.</param>
internal sealed class FindingCards(IEnumerable<LabelledImage> images, PagePictures pictures)
{
    private readonly Dictionary<string, LabelledImage> _images = images.ToDictionary(image => image.Name);

    /// <summary>The findings as pictures with their text.</summary>
    public Markup Of(IReadOnlyList<Finding> findings)
    {
        pictures.Prepare(findings.SelectMany(ImagesOf));
        return Block.Cards(
            findings.Select(finding => new PageCard(
                [.. ImagesOf(finding).Select(image => pictures.Of(image, image.Name))],
                finding.Path,
                finding.Text,
                ""
            )
            {
                Kind = JsonNamingPolicy.CamelCase.ConvertName(finding.Severity.ToString()),
            })
        );
    }

    private IEnumerable<LabelledImage> ImagesOf(Finding finding) =>
        new[] { finding.Path, finding.Other }
            .OfType<string>()
            .Select(path => _images.GetValueOrDefault(path))
            .OfType<LabelledImage>();
}
