namespace Graft.Training.Bodies;

/// <summary>The head of an earlier model, as a start for a training with the same and further classes.</summary>
/// <param name="Classes">Class names of the earlier model.</param>
/// <param name="Layer">
/// The earlier head on the body's pooled features, one row per class; null where it was not a single linear layer.
/// </param>
/// <param name="Pooling">How the earlier model pooled the body's features.</param>
internal sealed record PreviousHead(IReadOnlyList<string> Classes, LinearLayer? Layer, Pooling Pooling)
{
    /// <summary>
    /// A head for <paramref name="classes"/>: known classes keep the earlier model's rows, new classes take the
    /// probe's.
    /// </summary>
    /// <param name="probe">A probe on the same features, with one row for each of <paramref name="classes"/>.</param>
    /// <param name="classes">Class names of the new training, in the order of the probe's rows.</param>
    /// <returns>The head; null where the earlier head is not linear or its shape differs.</returns>
    public LinearLayer? ForClasses(LinearLayer probe, IReadOnlyList<string> classes)
    {
        if (Layer is null || Layer.FeatureCount != probe.FeatureCount || classes.Count != probe.ClassCount)
        {
            return null;
        }

        double[] weight = (double[])probe.Weight.Clone();
        double[] bias = (double[])probe.Bias.Clone();
        for (int c = 0; c < classes.Count; c++)
        {
            int known = 0;
            while (known < Classes.Count && Classes[known] != classes[c])
            {
                known++;
            }

            if (known < Classes.Count)
            {
                Layer
                    .Weight.AsSpan(known * Layer.FeatureCount, Layer.FeatureCount)
                    .CopyTo(weight.AsSpan(c * probe.FeatureCount));
                bias[c] = Layer.Bias[known];
            }
        }

        return probe with
        {
            Weight = weight,
            Bias = bias,
        };
    }
}
