using System.Globalization;
using Graft.Explanation;
using Graft.Training.Data;
using Graft.Training.Run;

namespace Graft.Training.Release;

/// <summary>The file beside a run's model that holds its training images.</summary>
internal static class ModelNeighbours
{
    /// <summary>Writes the file: all images but the test images.</summary>
    /// <param name="run">The run with its model.</param>
    /// <param name="data">The images of the run.</param>
    /// <param name="limits">Limits on the images and the model.</param>
    /// <param name="threads">Threads of the network; 0: one per core.</param>
    /// <param name="cancel">Stops the writing, with a warning.</param>
    public static void Write(
        TrainingRun run,
        TrainingData data,
        Limits limits,
        int threads,
        CancellationToken cancel
    )
    {
        IReadOnlyList<LabelledImage> images = data.Everything;
        try
        {
            NeighbourFile.Write(
                run.ModelPath,
                images.Select(image => new NeighbourSource(new(image.Name, image.OpenAsync), image.Labels)),
                new() { Threads = threads, Limits = limits },
                cancel
            );
        }
        catch (OperationCanceledException) // the model is complete without it
        {
            run.Report(new Notice("training images are not kept beside the model: it was cancelled", IsWarning: true));
            return;
        }

        string path = NeighbourFile.PathBeside(run.ModelPath);
        string size = string.Create(CultureInfo.InvariantCulture, $"{new FileInfo(path).Length / 1e6:0.0} MB");
        run.Report(
            new Notice($"{Path.GetFileName(path)}, {size}, keeps features and thumbnails of {images.Count:N0} images")
        );
    }
}
