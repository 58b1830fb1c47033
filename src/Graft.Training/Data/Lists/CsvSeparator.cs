namespace Graft.Training.Data;

/// <summary>Guesses what separates the fields of a CSV file.</summary>
internal static class CsvSeparator
{
    private static readonly char[] s_known = [',', ';', '\t', '|'];

    /// <summary>
    /// The separator of a text. The header decides alone, because file names may contain any of them: the right
    /// separator yields the columns that are needed. Spreadsheets write semicolons in many countries.
    /// </summary>
    /// <param name="columns">Names of columns that must be there.</param>
    public static char Of(string text, params string[] columns)
    {
        if (Stated(text) is char stated)
        {
            return stated;
        }

        string header = FirstRecord(text);
        return s_known
            .OrderByDescending(separator =>
                Fields(header, separator).Count(field => columns.Contains(field, StringComparer.OrdinalIgnoreCase))
            )
            .ThenByDescending(separator => Math.Min(2, Fields(header, separator).Count))
            .First();
    }

    /// <summary>The text without a first line such as "sep=;", which Excel reads.</summary>
    public static string WithoutStatement(string text) =>
        Stated(text) is null ? text : text[(text.AsSpan().IndexOfAny('\r', '\n') + 1)..];

    private static char? Stated(string text) =>
        text.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) && text.Length > 5 && text[5] is '\r' or '\n'
            ? text[4]
            : null;

    // Up to the first line end outside quotes.
    private static string FirstRecord(string text)
    {
        bool isQuoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            isQuoted ^= text[i] == '"';
            if (!isQuoted && text[i] is '\r' or '\n')
            {
                return text[..i];
            }
        }

        return text[..Math.Min(text.Length, 1 << 16)];
    }

    private static List<string> Fields(string header, char separator)
    {
        List<string> fields = [];
        int start = 0;
        bool isQuoted = false;
        for (int i = 0; i <= header.Length; i++)
        {
            if (i == header.Length || (header[i] == separator && !isQuoted))
            {
                fields.Add(header[start..i].Trim().Trim('"').Trim());
                start = i + 1;
            }
            else
            {
                isQuoted ^= header[i] == '"';
            }
        }

        return fields;
    }
}
