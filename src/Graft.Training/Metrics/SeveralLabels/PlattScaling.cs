namespace Graft.Training.Metrics;

/// <summary>
/// A scale and a shift for each class that make probabilities honest: sigmoid(scale x logit + shift) (Platt 1999). The
/// order of a class's images stays, because a scale is above 0.
/// </summary>
/// <param name="Scales">Scale of each class, [C], 0.05 to 20.</param>
/// <param name="Shifts">Shift of each class, [C].</param>
internal sealed record PlattScaling(double[] Scales, double[] Shifts)
{
    private const double LeastScale = 0.05;
    private const double MostScale = 20;
    private const double MostShift = 30;
    private const int Steps = 100;
    private const double Precision = 1e-10;

    /// <summary>The mean loss of calibrated probabilities, in nats, summed over the classes.</summary>
    public double MeanLoss(ReadOnlySpan<double> logits, TrueLabels labels)
    {
        double sum = 0;
        double[] scaled = Apply(logits);
        for (int n = 0; n < labels.Count; n++)
        {
            sum += Sigmoid.Loss(scaled.AsSpan(n * Scales.Length, Scales.Length), labels, n);
        }

        return sum / labels.Count;
    }

    /// <summary>Scaled and shifted logits, [N,C].</summary>
    public double[] Apply(ReadOnlySpan<double> logits)
    {
        double[] scaled = new double[logits.Length];
        for (int i = 0; i < scaled.Length; i++)
        {
            int c = i % Scales.Length;
            scaled[i] = (Scales[c] * logits[i]) + Shifts[c];
        }

        return scaled;
    }

    /// <summary>Calibrated probabilities, [N,C].</summary>
    public float[] Probabilities(ReadOnlySpan<double> logits) =>
        Array.ConvertAll(Apply(logits), logit => (float)Sigmoid.Of(logit));

    /// <summary>
    /// What calibrated probabilities were before, [N,C]. Those that float32 has rounded to 0 or 1 stay there.
    /// </summary>
    public float[] Undo(ReadOnlySpan<float> probabilities)
    {
        float[] before = new float[probabilities.Length];
        for (int i = 0; i < before.Length; i++)
        {
            int c = i % Scales.Length;
            before[i] = (float)Sigmoid.Of((Sigmoid.Inverse(probabilities[i]) - Shifts[c]) / Scales[c]);
        }

        return before;
    }

    /// <summary>Fits every class by itself.</summary>
    /// <param name="logits">Logits, [N,C] row by row, of images that did not train the network.</param>
    /// <param name="labels">What is true of them.</param>
    /// <param name="classCount">Number of classes, C.</param>
    /// <param name="hasPrior">
    /// True: ln(scale) and shift are drawn from the standard normal distribution beforehand, as a temperature's
    /// logarithm is. A hundred images outweigh that by far, and a class of a few images does not become as sure as it
    /// can be. False: the images alone decide.
    /// </param>
    public static PlattScaling Fit(ReadOnlySpan<double> logits, TrueLabels labels, int classCount, bool hasPrior = true)
    {
        PlattScaling all = new(new double[classCount], new double[classCount]);
        double[] column = new double[labels.Count];
        bool[] has = new bool[labels.Count];
        for (int c = 0; c < classCount; c++)
        {
            for (int n = 0; n < labels.Count; n++)
            {
                (column[n], has[n]) = (logits[(n * classCount) + c], labels.Has(n, c));
            }

            (all.Scales[c], all.Shifts[c]) = Fit(column, has, hasPrior ? 1 : 0);
        }

        return all;
    }

    // Newton's method with halved steps, in ln(scale) and shift.
    private static (double Scale, double Shift) Fit(double[] logits, bool[] has, double prior)
    {
        double logScale = 0;
        double shift = 0;
        double loss = Penalised(logits, has, prior, logScale, shift);
        for (int step = 0; step < Steps; step++)
        {
            (double a, double b) = NewtonStep(logits, has, prior, logScale, shift);
            double length = 1;
            (double nextScale, double nextShift, double nextLoss) = At(length);
            while (!(nextLoss <= loss) && length > 1e-12)
            {
                length /= 2;
                (nextScale, nextShift, nextLoss) = At(length);
            }

            if (!(nextLoss < loss))
            {
                break;
            }

            double gained = loss - nextLoss;
            (logScale, shift, loss) = (nextScale, nextShift, nextLoss);
            if (gained < Precision * 1e-6)
            {
                break;
            }

            (double, double, double) At(double along)
            {
                double scale = Math.Clamp(logScale + (along * a), Math.Log(LeastScale), Math.Log(MostScale));
                double moved = Math.Clamp(shift + (along * b), -MostShift, MostShift);
                return (scale, moved, Penalised(logits, has, prior, scale, moved));
            }
        }

        return (Math.Exp(logScale), shift);
    }

    private static double Penalised(double[] logits, bool[] has, double prior, double logScale, double shift)
    {
        double scale = Math.Exp(logScale);
        double sum = prior / 2 * ((logScale * logScale) + (shift * shift));
        for (int n = 0; n < logits.Length; n++)
        {
            sum += Sigmoid.Loss((scale * logits[n]) + shift, has[n]);
        }

        return sum;
    }

    private static (double A, double B) NewtonStep(
        double[] logits,
        bool[] has,
        double prior,
        double logScale,
        double shift
    )
    {
        double scale = Math.Exp(logScale);
        (double ga, double gb) = (prior * logScale, prior * shift);
        (double aa, double ab, double bb) = (prior + 1e-12, 0, prior + 1e-12);
        for (int n = 0; n < logits.Length; n++)
        {
            double scaled = scale * logits[n]; // the derivative by ln(scale)
            double p = Sigmoid.Of(scaled + shift);
            double residual = p - (has[n] ? 1 : 0);
            double variance = p * (1 - p);
            ga += residual * scaled;
            gb += residual;
            aa += variance * scaled * scaled; // Gauss-Newton: positive, so that the step descends
            ab += variance * scaled;
            bb += variance;
        }

        double determinant = (aa * bb) - (ab * ab);
        return determinant > 1e-300
            ? (((-ga * bb) + (gb * ab)) / determinant, ((-gb * aa) + (ga * ab)) / determinant)
            : (-ga / aa, -gb / bb);
    }
}
