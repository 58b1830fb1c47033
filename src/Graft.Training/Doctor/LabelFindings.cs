using Graft.Infrastructure;
using Graft.Training.Metrics;

namespace Graft.Training.Doctor;

/// <summary>How likely the label of one image is, according to probes that were not fitted on the image.</summary>
/// <param name="Image">The image.</param>
/// <param name="Margin">ln p(label) - ln p(<paramref name="Other"/>), in nats; negative if the probe disagrees.</param>
/// <param name="Other">The most probable other class.</param>
/// <param name="IsDoubtful">True if the image looks more like the other class than that class's own images do on
/// average.</param>
internal sealed record LabelOpinion(LabelledImage Image, double Margin, string Other, bool IsDoubtful);

/// <summary>
/// Finds labels that are likely wrong by confident learning (Northcutt, Jiang and Chuang, "Confident Learning", JAIR
/// 2021) on out-of-fold probabilities. A label is doubtful if another class is more probable, and at least as probable
/// as it is on average for that class's own images. The smaller the margin, the more suspicious the label.
/// </summary>
internal static class LabelFindings
{
    /// <summary>One opinion for each image that was held out, the most suspicious first.</summary>
    /// <param name="images">[N] images.</param>
    /// <param name="classes">[C] names of the classes.</param>
    /// <param name="outOfFold">[N x views, C] logits, the views of an image next to each other. Their mean
    /// decides.</param>
    public static IReadOnlyList<LabelOpinion> Opinions(
        IReadOnlyList<LabelledImage> images,
        IReadOnlyList<string> classes,
        double[] outOfFold
    )
    {
        int[] labels = [.. images.Select(image => classes.IndexOf(image.Label))];
        double[]?[] probabilities = Array.ConvertAll(
            MeanOfViews(outOfFold, images.Count, classes.Count),
            Probabilities
        );
        double[] confidence = [.. Enumerable.Range(0, classes.Count).Select(c => MeanOf(probabilities, labels, c))];
        List<LabelOpinion> opinions = [];
        for (int i = 0; i < images.Count; i++)
        {
            if (probabilities[i] is not double[] row)
            {
                continue;
            }

            int other = Enumerable.Range(0, classes.Count).Where(c => c != labels[i]).MaxBy(c => row[c]);
            double margin =
                Math.Log(Math.Max(row[labels[i]], Evaluation.SmallestProbability))
                - Math.Log(Math.Max(row[other], Evaluation.SmallestProbability));
            opinions.Add(new(images[i], margin, classes[other], margin < 0 && row[other] >= confidence[other]));
        }

        return
        [
            .. opinions
                .OrderBy(opinion => opinion.Margin)
                .ThenBy(opinion => opinion.Image.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>One finding for each doubtful label.</summary>
    public static IEnumerable<Finding> Of(IReadOnlyList<LabelOpinion> opinions) =>
        opinions
            .Where(opinion => opinion.IsDoubtful)
            .Select(opinion => new Finding(
                FindingKind.WrongLabel,
                Severity.Warning,
                opinion.Image.Name,
                $"labelled '{Printable.Text(opinion.Image.Label)}' but looks like "
                    + $"'{Printable.Text(opinion.Other)}'; check the label"
            )
            {
                Score = Math.Round(-opinion.Margin, 3),
                Suggested = opinion.Other,
            });

    private static int IndexOf(this IReadOnlyList<string> names, string name) =>
        Enumerable.Range(0, names.Count).First(c => names[c] == name);

    private static double MeanOf(double[]?[] probabilities, int[] labels, int c) =>
        probabilities.Select((row, i) => labels[i] == c ? row?[c] : null).OfType<double>().DefaultIfEmpty(1).Average();

    /// <summary>Mean logits of the views of each image, [N][C]; NaN where an image was never held out.</summary>
    /// <param name="outOfFold">[N x views, C] logits, the views of an image next to each other.</param>
    /// <param name="images">Number of images, N.</param>
    /// <param name="classes">Number of classes, C.</param>
    internal static double[][] MeanOfViews(double[] outOfFold, int images, int classes)
    {
        int views = outOfFold.Length / (images * classes);
        double[][] means = [.. Enumerable.Range(0, images).Select(_ => new double[classes])];
        for (int i = 0; i < outOfFold.Length; i++)
        {
            means[i / (views * classes)][i % classes] += outOfFold[i] / views;
        }

        return means;
    }

    // Softmax; null if the image was never held out.
    private static double[]? Probabilities(double[] mean)
    {
        if (double.IsNaN(mean[0]))
        {
            return null;
        }

        double total = LogSum.Of(mean);
        return Array.ConvertAll(mean, logit => Math.Exp(logit - total));
    }
}
