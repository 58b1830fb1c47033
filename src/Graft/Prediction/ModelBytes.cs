using Graft.Onnx;

namespace Graft.Prediction;

/// <summary>A model file in memory, before anything believes it.</summary>
internal static class ModelBytes
{
    /// <summary>The whole file, read once.</summary>
    /// <exception cref="OnnxException">It cannot be read or is too large.</exception>
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

    /// <summary>A value of the file's metadata; null where there is none.</summary>
    /// <exception cref="OnnxException">It is not ONNX, is over a limit, or its weights lie in other files.</exception>
    public static string? Metadata(byte[] model, string name, string key, OnnxLimits limits) =>
        OnnxModel.Parse(model, name, limits).MetadataValue(key);
}
