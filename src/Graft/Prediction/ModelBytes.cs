using Graft.Onnx;

namespace Graft.Prediction;

/// <summary>Reads untrusted model files into memory.</summary>
internal static class ModelBytes
{
    /// <summary>Reads the whole file once.</summary>
    /// <exception cref="OnnxException">The file cannot be read or exceeds the limit.</exception>
    public static byte[] Read(string path, OnnxLimits limits)
    {
        try
        {
            if (Directory.Exists(path))
            {
                throw new OnnxException(path, "it is a folder; name the .onnx file in it");
            }

            long length = new FileInfo(path).Length;
            if (length == 0)
            {
                throw new OnnxException(path, "0 bytes long, or no ordinary file; train or export the model again");
            }

            long most = Math.Min(limits.FileBytes, Array.MaxLength);
            return length <= most
                ? File.ReadAllBytes(path)
                : throw new OnnxException(path, $"{length:N0} bytes long, more than the limit of {most:N0}");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new OnnxException(path, "there is no such file; check the path", error);
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new OnnxException(path, "it may not be read; check its path and permissions", error);
        }
    }

    /// <summary>Returns a value of the file's metadata; null if there is none.</summary>
    /// <exception cref="OnnxException">
    /// The file is not ONNX, exceeds a limit, or keeps weights in other files.
    /// </exception>
    public static string? Metadata(byte[] model, string name, string key, OnnxLimits limits) =>
        OnnxModel.Parse(model, name, limits).GetMetadata(key);
}
