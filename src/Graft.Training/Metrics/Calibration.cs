namespace Graft.Training.Metrics;

/// <summary>
/// What makes probabilities honest: a temperature where each image has one class, and a scale and a shift for each
/// class where it has any number. Fitted on images that did not train the network.
/// </summary>
internal abstract record Calibration
{
    /// <summary>Mean loss of calibrated probabilities, in nats, on the images of the fit.</summary>
    public abstract double LossAfter { get; }

    /// <summary>One number for how sure the logits are: they are divided by it. Above 1 they were too sure.</summary>
    public abstract double Temperature { get; }

    /// <summary>Fits the calibration of a task.</summary>
    /// <param name="logits">Logits, [N,C] row by row.</param>
    /// <param name="labels">What is true of the images.</param>
    /// <param name="classCount">Number of classes, C.</param>
    /// <exception cref="ArgumentException">No images, a label out of range, a logit that is not finite.</exception>
    public static Calibration Fit(ReadOnlySpan<float> logits, TrueLabels labels, int classCount)
    {
        double[] wide = new double[logits.Length];
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] = logits[i];
        }

        if (!labels.AreSets)
        {
            return new OfOneClass(Metrics.Temperature.Fit(wide, labels.Numbers, classCount), classCount);
        }

        PlattScaling scaling = PlattScaling.Fit(wide, labels, classCount);
        return new OfEachClass(scaling, scaling.MeanLoss(wide, labels));
    }

    /// <summary>The calibration that changes nothing.</summary>
    /// <param name="areSets">True where an image may have several classes.</param>
    /// <param name="classCount">Number of classes, C.</param>
    public static Calibration None(bool areSets, int classCount) =>
        areSets
            ? new OfEachClass(new([.. Enumerable.Repeat(1.0, classCount)], new double[classCount]), double.NaN)
            : OfTemperature(1, classCount);

    /// <summary>A given temperature.</summary>
    public static Calibration OfTemperature(double temperature, int classCount) =>
        new OfOneClass(new(temperature, double.NaN, double.NaN), classCount);

    /// <summary>Calibrated probabilities, [N,C] row by row.</summary>
    public abstract float[] Probabilities(float[] logits);

    /// <summary>What probabilities were before the calibration, [N,C] row by row.</summary>
    public abstract float[] Undo(float[] probabilities);

    /// <summary>Loss of each image with calibrated probabilities, [N], in nats.</summary>
    public abstract IEnumerable<double> Losses(float[] logits, TrueLabels labels);

    /// <summary>A temperature.</summary>
    public sealed record OfOneClass(Temperature Fitted, int ClassCount) : Calibration
    {
        public override double LossAfter => Fitted.LossAfter;

        public override double Temperature => Fitted.Value;

        public override float[] Probabilities(float[] logits) =>
            Metrics.Temperature.Probabilities(Wide(logits), ClassCount, Fitted.Value);

        public override float[] Undo(float[] probabilities) =>
            Metrics.Temperature.Undo(probabilities, ClassCount, Fitted.Value);

        public override IEnumerable<double> Losses(float[] logits, TrueLabels labels)
        {
            double[] scaled = Array.ConvertAll(logits, logit => logit / Fitted.Value);
            return labels.Numbers.Select(
                (label, n) => LogSum.Of(scaled.AsSpan(n * ClassCount, ClassCount)) - scaled[(n * ClassCount) + label]
            );
        }
    }

    /// <summary>A scale and a shift for each class.</summary>
    public sealed record OfEachClass(PlattScaling Scaling, double MeanLoss) : Calibration
    {
        public override double LossAfter => MeanLoss;

        public override double Temperature => Math.Exp(-Scaling.Scales.Average(Math.Log));

        public override float[] Probabilities(float[] logits) => Scaling.Probabilities(Wide(logits));

        public override float[] Undo(float[] probabilities) => Scaling.Undo(probabilities);

        public override IEnumerable<double> Losses(float[] logits, TrueLabels labels)
        {
            double[] scaled = Scaling.Apply(Wide(logits));
            int classCount = Scaling.Scales.Length;
            return Enumerable
                .Range(0, labels.Count)
                .Select(n => Sigmoid.Loss(scaled.AsSpan(n * classCount, classCount), labels, n));
        }
    }

    private static double[] Wide(float[] logits) => Array.ConvertAll(logits, logit => (double)logit);
}
