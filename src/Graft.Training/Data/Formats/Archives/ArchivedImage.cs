using Graft.Imaging;

namespace Graft.Training.Data;

/// <summary>Examines an image inside an archive.</summary>
internal static class ArchivedImage
{
    /// <summary>Tells the format from the first bytes and hashes the content.</summary>
    /// <param name="file">The entry.</param>
    /// <param name="isMeant">False if only its content can show that it is an image: then its start is read
    /// first.</param>
    /// <param name="limits">Limits on its size.</param>
    /// <exception cref="ImageException">It cannot be read, is empty or exceeds the limit.</exception>
    public static ImageFileSummary Examine(ScannedFile file, bool isMeant, DecodeLimits limits)
    {
        LabelledImage image = new([], file.Path, file.Open!);
        if (!isMeant && StartOf(file) is { Format: ImageFormat.Unknown } other)
        {
            return other;
        }

        return ImageFile.Examine(image.ReadBytes(limits), file.Path);
    }

    private static ImageFileSummary StartOf(ScannedFile file)
    {
        try
        {
            using Stream stream = file.Open!(CancellationToken.None).AsTask().GetAwaiter().GetResult();
            byte[] start = new byte[ImageSignature.Length];
            int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            return ImageFile.Examine(start[..read], file.Path);
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            return ImageFile.Examine([], file.Path);
        }
    }
}
