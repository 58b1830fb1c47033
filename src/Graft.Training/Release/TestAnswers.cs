using System.Globalization;
using System.Text;
using CsvHelper;
using Graft.Infrastructure;
using Graft.Prediction;
using Graft.Training.Data;

namespace Graft.Training.Release;

/// <summary>What the shipped model answers to a test image.</summary>
/// <param name="Image">The image with its labels.</param>
/// <param name="Given">The labels that the model gives: one, or any number where images may have several.</param>
/// <param name="Confidence">
/// Probability of the answer, 0 to 1. Where images may have several labels: that of the wrong decision that is surest,
/// or of the right one that is least sure.
/// </param>
/// <param name="IsCorrect">Whether all labels are right.</param>
internal sealed record TestAnswer(LabelledImage Image, IReadOnlyList<string> Given, double Confidence, bool IsCorrect)
{
    /// <summary>The labels of the answer in one line.</summary>
    public string GivenText => TextOf(Given);

    /// <summary>The labels of the image in one line.</summary>
    public string LabelText => TextOf(Image.Labels);

    private static string TextOf(IReadOnlyList<string> labels) =>
        labels.Count == 0 ? "no label" : string.Join(", ", labels);
}

/// <summary>A run's predictions.csv: the answers to the test images, in the order of the set.</summary>
internal static class TestAnswers
{
    /// <summary>Name of the file in a run's folder.</summary>
    public const string FileName = "predictions.csv";

    private const string Predicted = "predicted";
    private const string Confidence = "confidence";
    private const string Correct = "correct";

    /// <summary>Content of the file.</summary>
    public static string ToText(IReadOnlyList<TestAnswer> answers, ClassificationTask task)
    {
        using MemoryStream stream = new();
        CsvWriterOptions options = new() { NewLine = "\n", Quoting = CsvQuoting.WhenNeededOrWhitespace };
        using (CsvWriter writer = CsvWriter.Create(stream, options, leaveOpen: true))
        {
            writer.WriteHeader("path", SplitFile.LabelColumn(task), Predicted, Confidence, Correct);
            foreach (TestAnswer answer in answers)
            {
                writer.WriteRecord(
                    answer.Image.Name,
                    answer.Image.Label,
                    LabelList.Of([.. answer.Given]).ToString(),
                    answer.Confidence.ToString("R", CultureInfo.InvariantCulture),
                    answer.IsCorrect ? "true" : "false"
                );
            }
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>Reads the file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="test">The test images of the run.</param>
    /// <exception cref="GraftException">The file cannot be read, or names other images.</exception>
    public static IReadOnlyList<TestAnswer> Read(string path, IEnumerable<LabelledImage> test)
    {
        Dictionary<string, LabelledImage> images = test.ToDictionary(image => image.Name, StringComparer.Ordinal);
        List<TestAnswer> answers = [];
        try
        {
            using CsvReader reader = CsvReader.Create(
                new StringReader(TextFile.Read(path)),
                new CsvReaderOptions { Separator = ',', MalformedData = CsvMalformedDataHandling.Throw }
            );
            reader.ReadHeader();
            ClassificationTask task = reader.TryGetFieldIndex("labels", out _)
                ? ClassificationTask.MultiLabel
                : ClassificationTask.SingleLabel;
            while (reader.Read())
            {
                answers.Add(
                    new(
                        images[reader.GetString("path")],
                        LabelList.Parse(reader.GetString(Predicted), task),
                        double.Parse(reader.GetString(Confidence), CultureInfo.InvariantCulture),
                        reader.GetString(Correct) == "true"
                    )
                );
            }
        }
        catch (Exception error)
            when (error
                    is CsvFormatException
                        or IOException
                        or UnauthorizedAccessException
                        or ArgumentException
                        or FormatException
                        or KeyNotFoundException
            )
        {
            throw new GraftException(
                $"'{Printable.Text(path)}' cannot be used: it is not what a run writes about its test images; "
                    + "train again",
                error
            );
        }

        return answers;
    }
}
