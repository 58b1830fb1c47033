using System.Collections.Concurrent;
using Graft.Data;
using Graft.Imaging;
using Graft.Training.Runs;

namespace Graft.Training.Export;

/// <summary>Looks at the test images, once, through exported files in ONNX Runtime.</summary>
internal static class TestEvaluation
{
    /// <summary>Each model's probabilities for the images, N x C, row by row; the images are decoded once for all models.</summary>
    /// <param name="exported">.onnx files, all with the same preprocessing.</param>
    public static IReadOnlyList<float[]> Probabilities(
        IReadOnlyList<byte[]> exported, Preprocessing recipe, IReadOnlyList<LabelledImage> images, int classCount, TrainingOptions options, IProgress<TrainingEvent> progress)
    {
        Preprocessor preprocessor = new(recipe, options.Limits.Image);
        List<OnnxSession> networks = [.. exported.Select(bytes => new OnnxSession(bytes, "the exported model", threads: 1))];
        try
        {
            float[][] probabilities = [.. exported.Select(_ => new float[images.Count * classCount])];
            long done = 0;
            ParallelOptions parallel = new() { MaxDegreeOfParallelism = options.ExtractionThreads > 0 ? options.ExtractionThreads : Environment.ProcessorCount };
            Parallel.ForEach(Partitioner.Create(0, images.Count, 1), parallel, range =>
            {
                int i = range.Item1;
                float[] pixels = Array.ConvertAll(preprocessor.Render(images[i].File), p => (float)p);
                for (int n = 0; n < networks.Count; n++)
                {
                    networks[n].Run(pixels, 1, 3, recipe.Height, recipe.Width)[0].Singles!.CopyTo(probabilities[n], i * classCount);
                }

                progress.Report(new Progressed("evaluate", Interlocked.Increment(ref done), images.Count, "images", 0, TimeSpan.Zero));
            });
            return probabilities;
        }
        finally
        {
            networks.ForEach(network => network.Dispose());
        }
    }
}
