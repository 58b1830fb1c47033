using static Graft.Training.Release.PageFormat;

namespace Graft.Training.Release;

/// <summary>Answers to test images as pictures.</summary>
/// <param name="pictures">The pictures of the page.</param>
internal sealed class AnswerCards(PagePictures pictures)
{
    /// <summary>The pictures with label, answer and confidence.</summary>
    public Markup Of(IReadOnlyList<TestAnswer> answers)
    {
        pictures.Prepare(answers.Select(answer => answer.Image));
        return Block.Cards(answers.Select(CardOf));
    }

    /// <summary>The same, each beside the training images that look most like it.</summary>
    /// <param name="answers">The answers.</param>
    /// <param name="nearest">The training images of each test image, by its name, the nearest one first.</param>
    public Markup Of(
        IReadOnlyList<TestAnswer> answers,
        IReadOnlyDictionary<string, IReadOnlyList<NearLabelled>> nearest
    )
    {
        pictures.Prepare([
            .. answers.Select(answer => answer.Image),
            .. answers.SelectMany(answer => NearOf(answer, nearest)).Select(near => near.Image),
        ]);
        return Block.Cards(answers.Select(answer => CardOf(answer, NearOf(answer, nearest))));
    }

    private PageCard CardOf(TestAnswer answer, IReadOnlyList<NearLabelled> nearest)
    {
        PageCard card = CardOf(answer);
        return nearest.Count == 0
            ? card
            : card with
            {
                Pictures =
                [
                    .. card.Pictures,
                    .. nearest.Select(near =>
                        pictures.Of(near.Image, $"a training image of {near.LabelText} that looks like it")
                    ),
                ],
                Text = $"{card.Text}; looks like {string.Join(", ", nearest.Select(near => near.Text))}",
            };
    }

    private static IReadOnlyList<NearLabelled> NearOf(
        TestAnswer answer,
        IReadOnlyDictionary<string, IReadOnlyList<NearLabelled>> nearest
    ) => nearest.TryGetValue(answer.Image.Name, out IReadOnlyList<NearLabelled>? found) ? found : [];

    private PageCard CardOf(TestAnswer answer)
    {
        string confidence = $"{Share(answer.Confidence)} confident";
        return new(
            [pictures.Of(answer.Image, answer.LabelText)],
            answer.IsCorrect ? answer.GivenText : $"{answer.LabelText}, mistaken for {answer.GivenText}",
            answer.IsCorrect ? $"✓ right, {confidence}" : $"✗ wrong, {confidence}",
            answer.Image.Name
        )
        {
            Kind = answer.IsCorrect ? "right" : "wrong",
        };
    }
}
