using Graft.Prediction;

namespace Graft.Training.Metrics;

/// <summary>What the share is that candidates and models are measured by.</summary>
internal static class MeasureName
{
    /// <summary>"accuracy" or, where images may have several labels, "mAP".</summary>
    public static string Of(ClassificationTask task) => task == ClassificationTask.MultiLabel ? "mAP" : "accuracy";

    /// <inheritdoc cref="Of(ClassificationTask)"/>
    public static string Of(TrueLabels labels) =>
        Of(labels.AreSets ? ClassificationTask.MultiLabel : ClassificationTask.SingleLabel);
}
