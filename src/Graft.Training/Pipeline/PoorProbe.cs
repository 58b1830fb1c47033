using System.Globalization;
using Graft.Infrastructure;
using Graft.Prediction;
using Graft.Training.Bodies;
using Graft.Training.Probe;

namespace Graft.Training.Pipeline;

/// <summary>A poor probe of a foreign network is often the sign of a wrong input transform.</summary>
internal static class PoorProbe
{
    private const double Poor = 0.8; // accuracy

    /// <summary>The hint for the user; null where there is no reason for one.</summary>
    public static Notice? Of(TrainableBody body, ClassificationTask task, ProbeCandidate probe)
    {
        if (!body.IsForeign || task != ClassificationTask.SingleLabel || probe.Score.Accuracy >= Poor)
        {
            return null;
        }

        string share = probe.Score.Accuracy.ToString("P1", CultureInfo.InvariantCulture);
        string text =
            $"the probe of '{Printable.Text(body.Card.Name)}' is right for only {share} of the held-out images: if "
            + "they are not hard to tell apart, check the input transform";
        return new(text, IsWarning: true) { Option = TransformSearch.Option };
    }
}
