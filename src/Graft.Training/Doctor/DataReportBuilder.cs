using Graft.Imaging;
using Graft.Prediction;
using Graft.Training.Data;
using Graft.Training.Extraction;

namespace Graft.Training.Doctor;

/// <summary>Collects the findings of an examination in a report.</summary>
internal static class DataReportBuilder
{
    /// <summary>The findings that need no features.</summary>
    /// <param name="inspection">The inspected set.</param>
    /// <param name="recipe">Input transform of the network.</param>
    public static DataReport Of(Inspection inspection, Preprocessing recipe)
    {
        ImageSet set = inspection.Set;
        return new()
        {
            ImageCount = set.Images.Length + set.Rejected.Length,
            UsableCount = set.Images.Length,
            Classes =
            [
                .. set.Classes.Select(name => new ClassSize(
                    name,
                    set.Images.Count(image => image.Labels.Contains(name))
                )),
            ],
            CroppedShare = Math.Round(CropFindings.MedianLost(inspection, recipe), 3),
            HashThreshold = Math.Round(inspection.Threshold, 4),
            Findings =
            [
                .. FileFindings.Of(set.Rejected),
                .. FileFindings.Of(inspection, Math.Min(recipe.Width, recipe.Height)),
                .. CropFindings.Of(inspection, recipe),
                .. DuplicateFindings.Of(inspection),
                .. ClassFindings.Of(inspection),
            ],
        };
    }

    /// <summary>
    /// Adds the findings of features and probes to a report. A training examines only its training and validation
    /// images, because it must not see the test images before the end.
    /// </summary>
    /// <param name="report">The report so far.</param>
    /// <param name="inspection">The inspected set.</param>
    /// <param name="extraction">The features.</param>
    /// <param name="images">[N] images that the probe was fitted on, in that order.</param>
    /// <param name="data">The images and their classes.</param>
    /// <param name="outOfFold">[N x views, C] logits of all views, or of the plain ones. Null: no probe was
    /// fitted.</param>
    /// <param name="hardlySeen">Images of which the body has seen too little to judge them.</param>
    /// <param name="cancel">Stops the comparison of images.</param>
    public static DataReport WithFeatures(
        DataReport report,
        Inspection inspection,
        FeatureView extraction,
        IReadOnlyList<LabelledImage> images,
        TrainingData data,
        double[]? outOfFold,
        IReadOnlySet<string> hardlySeen,
        CancellationToken cancel
    )
    {
        FeatureMatrix features = extraction.Rows([.. images.Select(image => extraction.FirstRows[image.Name])]);
        (IReadOnlyList<Finding> pairs, double? threshold) = DuplicateFindings.OfFeatures(
            inspection,
            images,
            features,
            cancel
        );
        LabelOpinion[] labels =
        [
            .. (
                outOfFold is null || data.Task == ClassificationTask.MultiLabel
                    ? []
                    : LabelFindings.Opinions(images, data.Set.Classes, outOfFold)
            ).Where(opinion => !hardlySeen.Contains(opinion.Image.Name)),
        ];
        return report with
        {
            Findings =
            [
                .. report
                    .Findings.Concat(pairs.Where(pair => !hardlySeen.Contains(pair.Path)))
                    .Concat(LabelFindings.Of(labels))
                    .Concat(OfLabelSets().Where(finding => !hardlySeen.Contains(finding.Path)))
                    .OrderBy(finding => finding.Kind),
            ],
            FeatureThreshold = threshold,
            Labels = labels,
        };

        IReadOnlyList<Finding> OfLabelSets() =>
            outOfFold is null || data.Task == ClassificationTask.SingleLabel
                ? []
                : LabelSetFindings.Of(images, data.Set.Classes, data.TargetsOf(images), outOfFold);
    }

    /// <summary>Adds the images that the extraction rejected to a report.</summary>
    public static DataReport WithRejected(DataReport report, ExtractedFeatures extraction, TrainingData data) =>
        report with
        {
            Findings = [.. report.Findings, .. FileFindings.Of(extraction.Rejected)],
            UsableCount = data.Set.Images.Length,
        };
}
