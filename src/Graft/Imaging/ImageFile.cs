using System.Security.Cryptography;

namespace Graft.Imaging;

/// <summary>Reads a whole image file or stream, no further than the limit.</summary>
public static class ImageFile
{
    private const int FirstBuffer = 1 << 16;

    /// <exception cref="ImageException">It cannot be opened, is 0 bytes long or is over the limit.</exception>
    public static byte[] Read(string path, DecodeLimits limits) =>
        Guarded(path, limits, static path => File.ReadAllBytes(path));

    /// <summary>Tells a file's format from its first bytes and hashes its content, without decoding it.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="limits">Limits on the file's size.</param>
    /// <exception cref="ImageException">The file cannot be opened, is empty or exceeds the limit.</exception>
    public static ImageFileSummary Examine(string path, DecodeLimits limits) => Guarded(path, limits, static path =>
        {
            using FileStream stream = new(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.Read,
                FirstBuffer,
                FileOptions.SequentialScan
            );
            byte[] start = new byte[ImageSignature.Length];
            int length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            Array.Resize(ref start, length);
            ImageFormat format = ImageSignature.Detect(start);
            stream.Position = 0;
            return format == ImageFormat.Unknown
                ? new(format, "", ImageSignature.Explain(path, start))
                : new ImageFileSummary(format, Convert.ToHexStringLower(SHA256.HashData(stream)), null);
        });

    private static T Guarded<T>(string path, DecodeLimits limits, Func<string, T> read)
    {
        try
        {
            // the length first: pipes and devices say 0 and are never opened, opening one could wait for ever
            long length = new FileInfo(path).Length;
            if (length == 0)
            {
                throw ImageSignature.Explain(path, []);
            }

            return length > limits.FileBytes ? throw TooLong(path, length, limits) : read(path);
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new ImageException(path, Reason(error), error)
            {
                Fault = error is FileNotFoundException or DirectoryNotFoundException
                    ? ImageFault.Missing
                    : ImageFault.Unreadable,
            };
        }
    }

    /// <summary>All that is left in <paramref name="stream"/>, which stays open.</summary>
    /// <exception cref="ImageException">It is empty or goes on past the limit.</exception>
    public static byte[] Read(Stream stream, string name, DecodeLimits limits)
    {
        using MemoryStream whole = new();
        byte[] buffer = new byte[FirstBuffer];
        for (int read = stream.Read(buffer); read > 0; read = stream.Read(buffer))
        {
            whole.Write(buffer, 0, read);
            if (whole.Length > limits.FileBytes)
            {
                throw new ImageException(name, $"longer than {limits.FileBytes:N0} bytes, the limit; make it smaller")
                {
                    Fault = ImageFault.OverLimit,
                };
            }
        }

        return whole.Length == 0 ? throw ImageSignature.Explain(name, []) : whole.ToArray();
    }

    internal static ImageException TooLong(string name, long length, DecodeLimits limits) =>
        new(
            name,
            $"{length:N0} bytes long, and {limits.FileBytes:N0} are the limit; make it smaller, or list it in ignore.txt"
        )
        {
            Fault = ImageFault.OverLimit,
        };

    private static string Reason(Exception error) =>
        error switch
        {
            FileNotFoundException or DirectoryNotFoundException => "there is no such file; correct its name",
            UnauthorizedAccessException => "it may not be read; change its permissions, or list it in ignore.txt",
            _ => "it could not be read; check the disk, or list it in ignore.txt",
        };
}
