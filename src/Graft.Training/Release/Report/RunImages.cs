namespace Graft.Training.Release;

/// <summary>Reads the images of a run again.</summary>
internal static class RunImages
{
    /// <summary>The images with their parts, as split.csv names them.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="images">Where the images lie.</param>
    /// <param name="options">The options of the run.</param>
    /// <param name="progress">Receives the number of images read.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <exception cref="GraftException">
    /// The run has no split yet, or its images have changed or were objects of a program.
    /// </exception>
    public static ImageSplit Read(
        string folder,
        string images,
        TrainingOptions options,
        IProgress<TrainingEvent>? progress,
        CancellationToken cancel
    )
    {
        ImageSet set = ImageSet.Load(
            images,
            new()
            {
                LeastClasses = 1,
                LeastImages = 1,
                Data = options.Data,
                Limits = options.Limits.Image,
                Depth = options.Limits.FolderDepth,
            },
            progress,
            cancel
        );
        return SplitFile.ReadUsed(Path.Combine(folder, "split.csv"), set);
    }
}
