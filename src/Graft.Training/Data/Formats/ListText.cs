using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Graft.Imaging;
using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>Reads lists of other tools as text and as JSON, strictly and within a limit.</summary>
internal static class ListText
{
    private const long LongestList = 512L << 20;
    private const int StartBytes = 1 << 14;

    /// <summary>The lines of a list, decoded strictly.</summary>
    public static IEnumerable<(int Number, string Text)> Lines(this DatasetFiles files, ScannedFile list)
    {
        using TextReader reader = files.Text(list);
        for (int number = 1; reader.ReadLine() is string line; number++)
        {
            yield return (number, line);
        }
    }

    /// <summary>The text of a list.</summary>
    /// <exception cref="GraftException">It is too long, or not in the encoding.</exception>
    public static TextReader Text(this DatasetFiles files, ScannedFile list) =>
        new StringReader(TextFile.Decode(Bytes(files, list), list.Path, files.Options.Data.Encoding, "Data.Encoding"));

    /// <summary>The bytes of a list.</summary>
    /// <exception cref="GraftException">It is too long.</exception>
    public static Stream Content(this DatasetFiles files, ScannedFile list) =>
        new MemoryStream(Bytes(files, list), writable: false);

    /// <summary>The first characters of a file, whatever its encoding, to see what it may be.</summary>
    public static string Start(ScannedFile list)
    {
        byte[] start = new byte[StartBytes];
        try
        {
            using Stream stream = list.Open is null
                ? File.OpenRead(list.File)
                : list.Open(CancellationToken.None).AsTask().GetAwaiter().GetResult();
            int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            return Encoding.Latin1.GetString(start, 0, read);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return "";
        }
    }

    /// <summary>The JSON document of a list.</summary>
    /// <exception cref="GraftException">It is too long or no JSON.</exception>
    public static JsonDocument Json(this DatasetFiles files, ScannedFile list)
    {
        byte[] bytes = Bytes(files, list);
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] || !Utf8.IsValid(bytes))
        {
            bytes = Encoding.UTF8.GetBytes(
                TextFile.Decode(bytes, list.Path, files.Options.Data.Encoding, "Data.Encoding")
            );
        }

        try
        {
            return JsonDocument.Parse(bytes is [0xEF, 0xBB, 0xBF, ..] ? bytes.AsMemory(3) : bytes);
        }
        catch (JsonException error)
        {
            throw files.Problem(
                $"{DatasetFiles.Quoted(list)} is not JSON at line {error.LineNumber + 1}; export it again",
                error
            );
        }
    }

    /// <summary>The JSON object of a line.</summary>
    /// <exception cref="GraftException">It is no JSON.</exception>
    public static JsonElement JsonOf(this DatasetFiles files, ScannedFile list, int number, string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw files.Problem($"line {number} of {DatasetFiles.Quoted(list)} is not JSON; export it again", error);
        }
    }

    private static byte[] Bytes(DatasetFiles files, ScannedFile list)
    {
        DecodeLimits limits = new() { FileBytes = LongestList };
        try
        {
            return list.Open is null
                ? ImageFile.Read(list.File, limits)
                : new LabelledImage("list", list.Path, list.Open).ReadBytes(limits);
        }
        catch (ImageException error) when (error.Fault == ImageFault.Empty)
        {
            return [];
        }
        catch (ImageException error)
        {
            throw files.Problem($"{DatasetFiles.Quoted(list)} cannot be read: {error.Reason}", error);
        }
    }
}
