using System.ComponentModel;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Graft.Infrastructure;

/// <summary>
/// Reads text files strictly: UTF-8 with or without a byte order mark, UTF-16 with one, or a named encoding. A byte
/// that does not fit is an error; it never becomes a replacement character.
/// </summary>
/// <remarks>Serves Graft's own assemblies; it may change in any version.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class TextFile
{
    private const long Longest = 1 << 30;

    private static readonly UTF8Encoding s_utf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>The whole text, without a byte order mark.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="encoding">Encoding of a file without a byte order mark; null: UTF-8.</param>
    /// <param name="option">Path of the option that names the encoding; null where there is none.</param>
    /// <exception cref="GraftException">The bytes are no text in this encoding, or the file is too long.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static string Read(string path, string? encoding = null, string? option = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new FileInfo(path).Length <= Longest
            ? Decode(File.ReadAllBytes(path), path, encoding, option)
            : throw Problem(path, $"it is longer than {Longest:N0} bytes; name a shorter file", null);
    }

    /// <summary>The text that bytes hold, without a byte order mark.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="path">Name of the file in messages.</param>
    /// <inheritdoc cref="Read"/>
    public static string Decode(byte[] bytes, string path, string? encoding = null, string? option = null)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentNullException.ThrowIfNull(path);
        (Encoding used, int mark) = Detect(bytes, path, encoding, option);
        if (used is UTF8Encoding && !Utf8.IsValid(bytes.AsSpan(mark)))
        {
            throw Unfit(bytes, FirstInvalid(bytes), s_utf8, "UTF-8", path, option);
        }

        try
        {
            return used.GetString(bytes, mark, bytes.Length - mark);
        }
        catch (DecoderFallbackException error)
        {
            int place = Math.Clamp(mark + error.Index, 0, bytes.Length - 1);
            throw Unfit(bytes, place, used, used.WebName, path, option);
        }
    }

    /// <summary>True if <paramref name="name"/> is an encoding that can be read, such as windows-1252.</summary>
    public static bool IsEncoding(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Find(name) is not null;
    }

    private static (Encoding Encoding, int Mark) Detect(byte[] bytes, string path, string? encoding, string? option)
    {
        switch (bytes)
        {
            case [0xEF, 0xBB, 0xBF, ..]:
                return (s_utf8, 3);
            case [0xFF, 0xFE, 0, 0, ..] or [0, 0, 0xFE, 0xFF, ..]:
                throw Problem(path, "it is UTF-32, which is not read; save it as UTF-8", option);
            case [0xFF, 0xFE, ..]:
                return (new UnicodeEncoding(bigEndian: false, false, throwOnInvalidBytes: true), 2);
            case [0xFE, 0xFF, ..]:
                return (new UnicodeEncoding(bigEndian: true, false, throwOnInvalidBytes: true), 2);
            default:
                break;
        }

        if (encoding is not null)
        {
            Encoding named =
                Find(encoding)
                ?? throw Problem(path, $"no encoding is called '{Printable.Text(encoding)}'; correct its name", option);
            return (named, 0);
        }

        return bytes is [0, not 0, ..] or [not 0, 0, ..]
            ? throw Problem(path, "it is UTF-16 without a byte order mark; save it as UTF-8", option)
            : (s_utf8, 0);
    }

    // "cp1252" and "1252" are names of code pages too.
    private static Encoding? Find(string name)
    {
        string digits = name.StartsWith("cp", StringComparison.OrdinalIgnoreCase) ? name[2..] : name;
        try
        {
            bool isPage = int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int page);
            Encoding? found = isPage
                ? CodePagesEncodingProvider.Instance.GetEncoding(page) ?? Encoding.GetEncoding(page)
                : CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
            return Encoding.UTF8.CodePage == found.CodePage ? s_utf8 : Strict(found);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private static Encoding Strict(Encoding found)
    {
        Encoding strict = (Encoding)found.Clone();
        strict.DecoderFallback = DecoderFallback.ExceptionFallback;
        return strict;
    }

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        int place = 0;
        while (Rune.DecodeFromUtf8(bytes[place..], out _, out int length) == System.Buffers.OperationStatus.Done)
        {
            place += length;
        }

        return place;
    }

    private static GraftException Unfit(
        byte[] bytes,
        int place,
        Encoding encoding,
        string name,
        string path,
        string? option
    )
    {
        Encoding lenient = (Encoding)encoding.Clone();
        lenient.DecoderFallback = DecoderFallback.ReplacementFallback;
        string before = lenient.GetString(bytes, 0, place);
        int line = 1 + before.Count(c => c == '\n');
        int start = lenient.GetByteCount(before[..(before.LastIndexOf('\n') + 1)]);
        string wayOut = option is null
            ? "save the file as UTF-8"
            : "save the file as UTF-8, or name its encoding, such as windows-1252";
        return Problem(
            path,
            $"line {line}, byte {place - start + 1} (0x{bytes[place]:X2}) is not {name}; {wayOut}",
            option
        );
    }

    private static GraftException Problem(string path, string reason, string? option) =>
        new($"'{Printable.Text(path)}' cannot be used: {reason}")
        {
            Subject = path,
            Reason = reason,
            Option = option,
        };
}
