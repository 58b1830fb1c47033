namespace Graft.Training.Release;

/// <summary>What the model answers to a few test images.</summary>
internal static class SampleSection
{
    private const int MaxShown = 12;

    public static PageSection? Of(ReportSource source, AnswerCards cards)
    {
        TestAnswer[] samples = [.. SamplesOf(source.Answers).Take(MaxShown)];
        return samples.Length == 0
            ? null
            : new(
                "samples",
                "Sample predictions",
                "The first test images of each class, as they come: right and wrong ones.",
                [cards.Of(samples)]
            );
    }

    // the first of each class, then the second of each
    private static IEnumerable<TestAnswer> SamplesOf(IReadOnlyList<TestAnswer> answers) =>
        answers
            .GroupBy(answer => answer.Image.Label)
            .SelectMany(label => label.Select((answer, round) => (answer, round)))
            .OrderBy(one => one.round)
            .Select(one => one.answer);
}
