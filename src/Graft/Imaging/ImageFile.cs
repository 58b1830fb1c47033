using System.Security.Cryptography;

namespace Graft.Imaging;

/// <summary>Reads whole image files and streams, up to the limit on their size.</summary>
public static class ImageFile
{
    private const int BufferBytes = 1 << 16;

    /// <summary>Reads the whole file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="limits">Limits on the file's size.</param>
    /// <exception cref="ImageException">The file cannot be opened, is empty or exceeds the limit.</exception>
    public static byte[] Read(string path, DecodeLimits limits)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(limits);
        return Guarded(path, limits, File.ReadAllBytes);
    }

    /// <summary>Reads the rest of a stream, which stays open.</summary>
    /// <param name="stream">The stream; it need not be seekable.</param>
    /// <param name="name">Name of the image in error messages.</param>
    /// <param name="limits">Limits on the stream's length.</param>
    /// <exception cref="ImageException">The stream is empty or exceeds the limit.</exception>
    public static byte[] Read(Stream stream, string name, DecodeLimits limits)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(limits);
        using MemoryStream content = new();
        byte[] buffer = new byte[BufferBytes];
        for (int read = stream.Read(buffer); read > 0; read = stream.Read(buffer))
        {
            content.Write(buffer, 0, read);
            CheckLength(content, name, limits);
        }

        return Whole(content, name);
    }

    /// <summary>Reads the rest of a stream asynchronously. The stream stays open.</summary>
    /// <param name="stream">The stream; it need not be seekable. Only its asynchronous methods are called.</param>
    /// <param name="name">Name of the image in error messages.</param>
    /// <param name="limits">Limits on the stream's length.</param>
    /// <param name="cancel">Cancels the reading.</param>
    /// <exception cref="ImageException">The stream is empty or exceeds the limit.</exception>
    public static async Task<byte[]> ReadAsync(
        Stream stream,
        string name,
        DecodeLimits limits,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(limits);
        using MemoryStream content = new();
        byte[] buffer = new byte[BufferBytes];
        while (await stream.ReadAsync(buffer, cancel).ConfigureAwait(false) is int read and > 0)
        {
            content.Write(buffer, 0, read);
            CheckLength(content, name, limits);
        }

        return Whole(content, name);
    }

    /// <summary>Tells a file's format from its first bytes and hashes its content, without decoding it.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="limits">Limits on the file's size.</param>
    /// <exception cref="ImageException">The file cannot be opened, is empty or exceeds the limit.</exception>
    public static ImageFileSummary Examine(string path, DecodeLimits limits)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(limits);
        return Guarded(path, limits, Summarize);
    }

    /// <summary>Tells the format of an encoded image from its first bytes and hashes its content.</summary>
    /// <param name="bytes">The whole encoded image.</param>
    /// <param name="name">Name of the image in error messages.</param>
    public static ImageFileSummary Examine(byte[] bytes, string name)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentNullException.ThrowIfNull(name);
        ReadOnlySpan<byte> start = bytes.AsSpan(0, Math.Min(bytes.Length, ImageSignature.Length));
        ImageFormat format = ImageSignature.Detect(start);
        return format == ImageFormat.Unknown
            ? new(format, "", ImageSignature.Explain(name, start))
            : new(format, Convert.ToHexStringLower(SHA256.HashData(bytes)), null);
    }

    internal static ImageException TooLong(string name, long length, DecodeLimits limits) =>
        new(
            name,
            $"{length:N0} bytes long, and {limits.FileBytes:N0} are the limit; make it smaller"
        )
        {
            Fault = ImageFault.OverLimit,
        };

    private static ImageFileSummary Summarize(string path)
    {
        using FileStream stream = new(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.Read,
            BufferBytes,
            FileOptions.SequentialScan
        );
        byte[] start = new byte[ImageSignature.Length];
        int length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        ImageFormat format = ImageSignature.Detect(start.AsSpan(0, length));
        if (format == ImageFormat.Unknown)
        {
            return new(format, "", ImageSignature.Explain(path, start.AsSpan(0, length)));
        }

        stream.Position = 0;
        return new(format, Convert.ToHexStringLower(SHA256.HashData(stream)), null);
    }

    private static T Guarded<T>(string path, DecodeLimits limits, Func<string, T> read)
    {
        try
        {
            // Pipes and devices report a length of 0 and are never opened: opening one could block for ever.
            // The length of a link is that of its target's name.
            FileSystemInfo file = new FileInfo(path);
            long length = ((FileInfo)(file.ResolveLinkTarget(returnFinalTarget: true) ?? file)).Length;
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

    private static void CheckLength(MemoryStream content, string name, DecodeLimits limits)
    {
        if (content.Length > limits.FileBytes)
        {
            throw new ImageException(name, $"longer than {limits.FileBytes:N0} bytes, the limit; make it smaller")
            {
                Fault = ImageFault.OverLimit,
            };
        }
    }

    private static byte[] Whole(MemoryStream content, string name) =>
        content.Length == 0 ? throw ImageSignature.Explain(name, []) : content.ToArray();

    private static string Reason(Exception error) =>
        error switch
        {
            FileNotFoundException or DirectoryNotFoundException => "there is no such file; correct its name",
            UnauthorizedAccessException => "it may not be read; change its permissions",
            _ => "it could not be read; check the disk",
        };
}
