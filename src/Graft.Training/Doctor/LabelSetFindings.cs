using Graft.Infrastructure;
using Graft.Training.Metrics;

namespace Graft.Training.Doctor;

/// <summary>
/// Finds labels that are likely missing or likely wrong where images may have several, each class by itself: confident
/// learning (Northcutt, Jiang and Chuang 2021) on the out-of-fold probability that an image has the label. A missing
/// label is one that is more probable than not, and at least as probable as for the images that have it on average. A
/// label is likely wrong in the same way.
/// </summary>
internal static class LabelSetFindings
{
    /// <summary>One finding for each doubtful label of an image, the most suspicious first.</summary>
    /// <param name="images">[N] images.</param>
    /// <param name="classes">[C] names of the classes.</param>
    /// <param name="targets">[N,C] the labels of the images.</param>
    /// <param name="outOfFold">[N x views, C] logits, the views of an image next to each other. Their mean decides; NaN
    /// where an image was never held out.</param>
    public static IReadOnlyList<Finding> Of(
        IReadOnlyList<LabelledImage> images,
        IReadOnlyList<string> classes,
        TrueLabels targets,
        double[] outOfFold
    )
    {
        double[][] logits = LabelFindings.MeanOfViews(outOfFold, images.Count, classes.Count);
        List<Finding> findings = [];
        for (int label = 0; label < classes.Count; label++)
        {
            double withLabel = MeanProbability(logits, targets, label, isPositive: true);
            double without = MeanProbability(logits, targets, label, isPositive: false);
            for (int image = 0; image < images.Count; image++)
            {
                bool has = targets.Has(image, label);
                double against = has ? -logits[image][label] : logits[image][label]; // nats for the other answer
                if (against > 0 && Sigmoid.Of(against) >= (has ? without : withLabel))
                {
                    findings.Add(Doubt(images[image], classes[label], has, against));
                }
            }
        }

        return
        [
            .. findings
                .OrderByDescending(finding => finding.Score)
                .ThenBy(finding => finding.Path, StringComparer.Ordinal)
                .ThenBy(finding => finding.Suggested, StringComparer.Ordinal),
        ];
    }

    private static Finding Doubt(LabelledImage image, string label, bool has, double nats) =>
        new(
            has ? FindingKind.WrongLabel : FindingKind.MissingLabel,
            Severity.Warning,
            image.Name,
            has
                ? $"labelled '{Printable.Text(label)}' but looks as if it had none of it; check the label"
                : $"not labelled '{Printable.Text(label)}' but looks as if it were; check whether it is missing"
        )
        {
            Score = Math.Round(nats, 3),
            Suggested = label,
        };

    // How sure the probe is of its right answers; 1 where there is none to compare with.
    private static double MeanProbability(double[][] logits, TrueLabels targets, int label, bool isPositive) =>
        Enumerable
            .Range(0, targets.Count)
            .Where(image => targets.Has(image, label) == isPositive && !double.IsNaN(logits[image][label]))
            .Select(image => Sigmoid.Of(isPositive ? logits[image][label] : -logits[image][label]))
            .DefaultIfEmpty(1)
            .Average();
}
