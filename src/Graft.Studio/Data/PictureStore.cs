using Graft.Imaging;
using Graft.Infrastructure;

namespace Graft.Studio;

/// <summary>A picture that the studio keeps.</summary>
/// <param name="Path">Full path of its file.</param>
/// <param name="Hash">SHA-256 of its bytes, as 64 lower-case hexadecimal digits.</param>
internal sealed record StoredPicture(string Path, string Hash);

/// <summary>
/// Pictures that came through the page, and those of archives that a list has to name. They lie in the studio's own
/// folder beside the runs, each under the hash of its bytes, so a picture that comes twice is one file. Thread-safe.
/// </summary>
internal sealed class PictureStore(StudioOptions options)
{
    private readonly string _folder = Path.Combine(options.OwnFolder, "pictures");

    /// <summary>Keeps a picture that can be decoded.</summary>
    /// <param name="bytes">The encoded picture.</param>
    /// <exception cref="ImageException">It cannot be used.</exception>
    /// <exception cref="GraftException">It cannot be written.</exception>
    public StoredPicture KeepDecodable(byte[] bytes)
    {
        ImageFileSummary summary = ImageFile.Examine(bytes, "picture");
        using DecodedImage decoded = ImageDecoder.Decode(bytes, "picture", options.Training.Limits.Image);
        return Keep(bytes, summary);
    }

    /// <summary>Keeps a picture of a set as it is.</summary>
    /// <param name="bytes">The encoded picture.</param>
    /// <param name="copy">0; a list that names the same bytes again numbers them, as each row needs its file.</param>
    /// <exception cref="GraftException">It cannot be written.</exception>
    public StoredPicture Keep(byte[] bytes, int copy) => Keep(bytes, ImageFile.Examine(bytes, "picture"), copy);

    private StoredPicture Keep(byte[] bytes, ImageFileSummary summary, int copy = 0)
    {
        string extension = ImageFormats.ExtensionsOf(summary.Format).FirstOrDefault(".jpg");
        string suffix = copy == 0 ? "" : $"-{copy}";
        string path = Path.Combine(_folder, $"{summary.ContentHash}{suffix}{extension}");
        if (!File.Exists(path))
        {
            Write(path, bytes);
        }

        return new(path, summary.ContentHash);
    }

    // Written under another name and moved, so that no half picture is ever read.
    private static void Write(string path, byte[] bytes)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(temporary, bytes);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
            throw new GraftException(
                $"'{Printable.Text(path)}' cannot be written: {Printable.Text(error.Message.TrimEnd('.'))}",
                error
            );
        }
    }
}
