namespace Graft.Training.Metrics;

/// <summary>The logistic function and its losses, in double precision and without overflow.</summary>
internal static class Sigmoid
{
    /// <summary>1 / (1 + e^-x).</summary>
    public static double Of(double logit) =>
        logit >= 0 ? 1 / (1 + Math.Exp(-logit)) : Math.Exp(logit) / (1 + Math.Exp(logit));

    /// <summary>Its inverse, for a probability above 0 and below 1.</summary>
    public static double Inverse(double probability) => Math.Log(probability) - Math.Log(1 - probability);

    /// <summary>-ln of the probability that the logit gives to the truth, in nats.</summary>
    public static double Loss(double logit, bool isTrue) =>
        Math.Max(isTrue ? -logit : logit, 0) + Math.Log(1 + Math.Exp(-Math.Abs(logit)));

    /// <summary>The loss of one image, in nats, summed over the classes.</summary>
    /// <param name="logits">Logits of the image, [C].</param>
    /// <param name="labels">What is true of the images.</param>
    /// <param name="image">Number of the image.</param>
    public static double Loss(ReadOnlySpan<double> logits, TrueLabels labels, int image)
    {
        double sum = 0;
        for (int c = 0; c < logits.Length; c++)
        {
            sum += Loss(logits[c], labels.Has(image, c));
        }

        return sum;
    }
}
