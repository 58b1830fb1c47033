using System.Globalization;
using Graft.Prediction;

namespace Graft.Runtimes.Tests;

/// <summary>
/// What the programs of the pages print: a line "picture: label" for each picture, and below it a line "  label 0.123"
/// for each label.
/// </summary>
internal static class PrintedAnswers
{
    // The same values, computed by another build of ONNX Runtime.
    private const double SameTensor = 1e-3;

    // Decoders of JPEG differ by a level here and there.
    private const double SameFile = 0.01;

    /// <summary>Each printed answer is Graft's.</summary>
    public static void AssertSame(TrainedModel trained, string output)
    {
        string[] blocks = output.Split('\n').Where(line => line.Length > 0 && line[0] != ' ').ToArray();
        Assert.Equal(trained.Pictures.Count, blocks.Length);
        IEnumerable<string>[] scores =
        [
            .. trained.Pictures.Select(picture =>
                output
                    .Split('\n')
                    .SkipWhile(line => !line.StartsWith($"{picture}: ", StringComparison.Ordinal))
                    .Skip(1)
                    .TakeWhile(line => line.StartsWith("  ", StringComparison.Ordinal))
            ),
        ];
        for (int i = 0; i < scores.Length; i++)
        {
            ImagePrediction expected = trained.Answers[i];
            Assert.StartsWith($"{trained.Pictures[i]}: {expected.Label}", blocks[i], StringComparison.Ordinal);
            Assert.Equal(
                !expected.IsFamiliar,
                blocks[i].Contains("unlike the training pictures", StringComparison.Ordinal)
            );
            AssertSame(expected, trained.Pictures[i], scores[i]);
        }
    }

    /// <param name="lines">Label and probability, the most probable first.</param>
    public static void AssertSame(ImagePrediction expected, string picture, IEnumerable<string> lines)
    {
        Dictionary<string, double> found = lines
            .Select(line => line.Trim().Split(' '))
            .ToDictionary(words => words[0], words => double.Parse(words[1], CultureInfo.InvariantCulture));
        double allowed = Path.GetExtension(picture) == ".png" ? SameTensor : SameFile;
        Assert.Equal(expected.Scores.Count, found.Count);
        Assert.All(expected.Scores, score =>
        {
            double difference = Math.Abs(score.Probability - found[score.Label]);
            Assert.True(difference <= allowed, $"{Path.GetFileName(picture)}: {score} and {found[score.Label]}");
        });
    }

    /// <summary>The model is not so sure that a wrong picture would go unseen.</summary>
    public static void AssertTelling(TrainedModel trained) =>
        Assert.Contains(trained.Answers, answer => answer.Probability is > 0.4 and < 0.95);
}
