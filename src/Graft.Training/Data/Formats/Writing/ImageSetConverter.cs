using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Training.Data;

namespace Graft.Training;

/// <summary>Writes a set of images in another layout. The images are copied byte for byte.</summary>
public static class ImageSetConverter
{
    private const string Phase = "convert";

    /// <summary>Writes all images of a set.</summary>
    /// <param name="set">The images.</param>
    /// <param name="folder">The new folder; it may exist if it is empty.</param>
    /// <param name="layout">How the images lie in it.</param>
    /// <param name="progress">Receives the number of written images.</param>
    /// <param name="cancel">Stops the writing. What was written stays.</param>
    /// <exception cref="GraftException">The folder is not empty or cannot be written, an image cannot be read, or the
    /// layout cannot express a class or a part.</exception>
    /// <exception cref="OperationCanceledException">The writing was cancelled.</exception>
    public static void Convert(
        ImageSet set,
        string folder,
        ImageSetLayout layout,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw Problem(folder, "it is not empty; name a new folder");
        }

        try
        {
            Directory.CreateDirectory(folder);
            using ImageSetWriter writer = layout switch
            {
                ImageSetLayout.Folders => new ClassFolderWriter(set, folder),
                ImageSetLayout.Csv => new CsvSetWriter(set, folder),
                _ => new ShardWriter(set, folder),
            };
            foreach ((int index, LabelledImage image) in set.Images.Index())
            {
                cancel.ThrowIfCancellationRequested();
                writer.Add(image, Read(image, cancel));
                progress?.Report(new Progressed(Phase, index + 1, set.Images.Length, "images", 0, TimeSpan.Zero));
            }

            writer.Finish();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Problem(folder, $"{Printable.Text(error.Message.TrimEnd('.'))}; name another folder", error);
        }
    }

    private static byte[] Read(LabelledImage image, CancellationToken cancel)
    {
        try
        {
            return image.ReadBytes(new DecodeLimits { FileBytes = Array.MaxLength }, cancel);
        }
        catch (ImageException error)
        {
            throw new GraftException($"'{Printable.Text(image.Name)}' cannot be used: {error.Reason}", error);
        }
    }

    private static GraftException Problem(string folder, string reason, Exception? error = null) =>
        new($"'{Printable.Text(folder)}' cannot be written: {reason}", error);
}
