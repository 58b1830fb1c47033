using Graft.Torch;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Metrics;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>
/// Co-tuning (You, Kou, Long and Wang 2020, section 3). The body also learns to answer an image of a new class with the
/// old classes that the pretrained network saw in such images. The old head is trained too, and dropped at the end.
/// </summary>
/// <param name="Factor">Factor of the old classes' loss; the new classes' has factor 1.</param>
/// <param name="Head">The head that the body was pretrained with.</param>
internal sealed record CoTuning(double Factor, PretrainedHead Head)
{
    /// <summary>
    /// Images per class beyond which the new classes can be learnt from their own images, with little help from the old
    /// ones.
    /// </summary>
    private const int MaxImages = 30;

    /// <summary>Co-tuning with the pretrained head of a body.</summary>
    /// <param name="body">The body, loaded with its pretrained head.</param>
    /// <param name="factor">Factor of the old classes' loss. Null: there is no co-tuning.</param>
    public static CoTuning? Of(TrainableBody body, double? factor) =>
        factor is double given
            ? new(
                given,
                body.PretrainedHead ?? throw new InvalidOperationException("the body was loaded without its old head")
            )
            : null;

    /// <summary>A warning about co-tuning on large classes. Null: there is none.</summary>
    /// <param name="data">The images of the run.</param>
    /// <param name="factor">Factor of the old classes' loss. Null: there is no co-tuning.</param>
    public static string? Advice(TrainingData data, double? factor)
    {
        double images = data.Everything.Count / (double)data.ClassCount;
        return factor is not null && images > MaxImages
            ? $"Co-tuning is for at most about {MaxImages} images per class, and there are {images:0}. "
                + "It may do harm: compare with a run without it."
            : null;
    }

    /// <summary>
    /// Mean probabilities of the old classes for each new class, from the plain views of the training images: [C,S].
    /// Must be called before training.
    /// </summary>
    /// <param name="tail">The tail with the old head as its second output, with the weights that the body came
    /// with.</param>
    /// <param name="training">Activations of the training images.</param>
    /// <param name="classCount">Number of new classes, C.</param>
    /// <param name="batch">Images per forward pass.</param>
    public static Tensor Relation(TorchGraph tail, LabelledActivations training, int classCount, int batch)
    {
        float[] logits = TailEvaluation.Logits(tail, training, batch, output: 1);
        float[] relation = ClassRelation.Of(
            Array.ConvertAll(logits, logit => (double)logit),
            training.Labels.Numbers,
            classCount
        );
        return AlignedTensor.Of(relation, [classCount, relation.Length / classCount]); // [C,S]
    }
}

/// <summary>
/// p(old class | new class) by the paper's direct method: the mean of the old head's probabilities over a class's
/// images.
/// </summary>
/// <remarks>
/// The paper's other method inverts a regression from the old classes to the new ones. With 5 to 30 images per class
/// that fits S x C weights with a penalty that needs held-out images, and a class prior that skewed data bend. The mean
/// has nothing to choose, and each row depends on its own class alone. The probabilities are not calibrated, which
/// would take images of the old classes.
/// </remarks>
internal static class ClassRelation
{
    /// <param name="logits">Logits of the old head, [N,S].</param>
    /// <param name="labels">New class of each image, [N].</param>
    /// <param name="classCount">Number of new classes, C.</param>
    /// <returns>[C,S], row by row. A class without images has zeros.</returns>
    public static float[] Of(ReadOnlySpan<double> logits, IReadOnlyList<int> labels, int classCount)
    {
        int old = logits.Length / labels.Count;
        float[] probabilities = Temperature.Probabilities(logits, old, 1); // [N,S]
        double[] sums = new double[classCount * old];
        int[] counts = new int[classCount];
        for (int n = 0; n < labels.Count; n++)
        {
            counts[labels[n]]++;
            for (int s = 0; s < old; s++)
            {
                sums[(labels[n] * old) + s] += probabilities[(n * old) + s];
            }
        }

        return [.. sums.Select((sum, i) => (float)(sum / Math.Max(1, counts[i / old])))];
    }
}
