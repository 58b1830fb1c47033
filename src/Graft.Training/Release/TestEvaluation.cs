using Graft.Imaging;
using Graft.Prediction;
using Graft.Training.Extraction;

namespace Graft.Training.Release;

/// <summary>Classifies the test images with exported files in ONNX Runtime. Only the end of a run does this.</summary>
internal static class TestEvaluation
{
    /// <summary>[N,C] probabilities of each model.</summary>
    /// <param name="exported">ONNX files with the same input transform and one output.</param>
    /// <param name="recipe">Their input transform.</param>
    /// <param name="images">[N] images.</param>
    /// <param name="classCount">C, the number of classes.</param>
    /// <param name="plan">Limits and threads.</param>
    /// <param name="cache">Caches the answers by the contents of model and image. Null: no cache.</param>
    /// <param name="progress">Receives the number of images done.</param>
    public static IReadOnlyList<float[]> Probabilities(
        IReadOnlyList<byte[]> exported,
        Preprocessing recipe,
        IReadOnlyList<LabelledImage> images,
        int classCount,
        ReleasePlan plan,
        ActivationCache? cache,
        IProgress<TrainingEvent> progress
    )
    {
        Preprocessor preprocessor = new(recipe, plan.ImageLimits);
        return
        [
            .. exported.Select(file =>
                CachedPredictions.Of(
                    file,
                    ClassifierEdges.Probabilities,
                    [classCount],
                    "answers of exported models",
                    preprocessor,
                    images,
                    plan.Threads,
                    cache,
                    progress
                )
            ),
        ];
    }
}
