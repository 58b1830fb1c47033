using Graft.Torch;
using Graft.Training.Bodies;
using Graft.Training.Data;
using Graft.Training.Extraction;
using Graft.Training.Metrics;
using static TorchSharp.torch;

namespace Graft.Training.FineTuning;

/// <summary>
/// Fine-tuning with the old head's classes beside the new ones (You, Kou, Long and Wang 2020, "Co-Tuning for Transfer
/// Learning", section 3): the body is also held to answer an image of a new
/// class with the old classes that such images were first taken for. The old head learns along and is thrown away.
/// </summary>
/// <param name="Factor">Of the old classes' cross-entropy, beside the new ones' at 1.</param>
internal sealed record CoTuning(double Factor, PretrainedHead Head)
{
    /// <summary>
    /// Of a class: beyond them the new classes can be learnt from their own images, and the old ones are said to be of
    /// little help.
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
            ? $"Co-tuning is for at most about {MaxImages} images per class, and there are {images:0}. It may do harm: compare with a run without it."
            : null;
    }

    /// <summary>
    /// What the old classes are to a new one, learnt from the plain views of the images that are trained on: [C,S], a
    /// row a new class. Called before anything is trained.
    /// </summary>
    /// <param name="tail">With the old head as its second output, as the body came.</param>
    public static Tensor Relation(TorchGraph tail, LabelledActivations training, int classCount, int batch)
    {
        float[] logits = TailEvaluation.Logits(tail, training, batch, output: 1);
        float[] relation = ClassRelation.Of(
            Array.ConvertAll(logits, logit => (double)logit),
            training.Labels,
            classCount
        );
        return AlignedTensor.Of(relation, [classCount, relation.Length / classCount]); // [C,S]
    }
}

/// <summary>
/// p(old class | new class) by the paper's direct way: the mean of the old head's probabilities over a class's images.
/// Its other way turns round a regression from the old classes to the
/// new ones; with 5 to 30 images a class that is a fit of S x C weights whose penalty needs held-out images, and a
/// prior of the classes that skewed data bend. The mean has nothing to
/// choose, and a row depends on its own class alone.
/// The probabilities are taken as they are: to calibrate them takes images of the old classes, which nobody has here.
/// </summary>
internal static class ClassRelation
{
    /// <param name="logits">[N,S] of the old head.</param>
    /// <param name="labels">New classes, [N].</param>
    /// <returns>[C,S], row by row; zeros for a class without an image.</returns>
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
