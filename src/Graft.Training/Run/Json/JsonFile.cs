using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Graft.Infrastructure;

namespace Graft.Training.Run;

/// <summary>Reads the JSON files of a run.</summary>
internal static class JsonFile
{
    /// <param name="longest">A longer file, in bytes, is refused.</param>
    /// <exception cref="GraftException">The file cannot be read, or holds something else.</exception>
    public static T Read<T>(string path, long longest, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return new FileInfo(path).Length > longest
                ? throw new JsonException($"it is longer than {longest:N0} bytes")
                : JsonSerializer.Deserialize(File.ReadAllBytes(path), type) ?? throw new JsonException("it is empty");
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            string reason = Printable.Text(error.Message.ReplaceLineEndings(" ").TrimEnd('.'));
            throw new GraftException(
                $"'{Printable.Text(path)}' cannot be used: it is not what Graft writes ({reason}); name another file",
                error
            );
        }
    }
}
