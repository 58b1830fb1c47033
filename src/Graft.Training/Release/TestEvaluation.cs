using Graft.Imaging;
using Graft.Prediction;
using Graft.Training.Extraction;

namespace Graft.Training.Release;

/// <summary>Looks at the test images, once, through exported files in ONNX Runtime.</summary>
internal static class TestEvaluation
{
    /// <summary>Each model's probabilities for the images, N x C, row by row.</summary>
    /// <param name="exported">.onnx files, all with the same preprocessing and one output.</param>
    /// <param name="cache">Gives the answers of just this file to just these images where they are kept.</param>
    public static IReadOnlyList<float[]> Probabilities(
        IReadOnlyList<byte[]> exported,
        Preprocessing recipe,
        IReadOnlyList<LabelledImage> images,
        int classCount,
        TrainingOptions options,
        ActivationCache? cache,
        IProgress<TrainingEvent> progress
    )
    {
        Preprocessor preprocessor = new(recipe, options.Limits.Image);
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
                    options.ExtractionThreads,
                    cache,
                    progress
                )
            ),
        ];
    }
}
