using System.Text;
using System.Text.Unicode;
using Graft.Infrastructure;
using ICSharpCode.SharpZipLib.Zip;

namespace Graft.Training.Data;

/// <summary>
/// Decodes the names of zip entries. A name without the mark of UTF-8 is read as UTF-8 if it is valid. Otherwise it is
/// in the encoding that the user names, or in code page 437, as the specification says.
/// </summary>
internal static class ZipNames
{
    private const int SpecifiedPage = 437;

    /// <summary>Keeps the bytes of names without the mark of UTF-8.</summary>
    public static StringCodec Codec => StringCodec.FromEncoding(Encoding.Latin1);

    /// <summary>The name of an entry that was read with the <see cref="Codec"/>.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="encoding">Encoding of names that are not UTF-8; null: code page 437.</param>
    /// <exception cref="GraftException">The name does not fit the encoding.</exception>
    public static string Of(ZipEntry entry, string? encoding)
    {
        if (entry.IsUnicodeText)
        {
            return entry.Name;
        }

        byte[] bytes = Encoding.Latin1.GetBytes(entry.Name);
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes)
            : encoding is not null ? TextFile.Decode(bytes, entry.Name, encoding, "Data.Encoding")
            : CodePagesEncodingProvider.Instance.GetEncoding(SpecifiedPage)!.GetString(bytes);
    }
}
