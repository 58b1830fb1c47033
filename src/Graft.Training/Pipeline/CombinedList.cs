using Graft.Training.Data;

namespace Graft.Training.Pipeline;

/// <summary>
/// The images that a training would read: those that are named, with those of an earlier run in a temporary list. The
/// list is gone when this is disposed.
/// </summary>
/// <param name="Reader">Reads them.</param>
internal sealed record CombinedList(ImageReader Reader, string? Folder) : IDisposable
{
    /// <summary>The images that are named, and those of the run that the options continue.</summary>
    /// <exception cref="GraftException">The earlier run cannot be continued with these images.</exception>
    public static CombinedList Of(
        string imagesPath,
        TrainingOptions options,
        PreparedBody body,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel
    )
    {
        if (options.ContinueFrom is not string from)
        {
            return new(ImageReader.Of(imagesPath), Folder: null);
        }

        (byte[] csv, IReadOnlyList<Notice> notices) = CombinedImages.Combine(
            imagesPath,
            Path.GetFullPath(from),
            body.Body.PreviousHead!.Classes,
            DataPlan.Of(options),
            cancel
        );
        notices.ToList().ForEach(progress.Report);
        string folder = Directory.CreateTempSubdirectory("graft-plan-").FullName;
        string list = Path.Combine(folder, CombinedImages.ImagesName);
        File.WriteAllBytes(list, csv);
        return new(ImageReader.Of(list), folder);
    }

    public void Dispose()
    {
        if (Folder is not null)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}
