using CsvHelper;
using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>The rows of a CSV file of another tool.</summary>
internal sealed class CsvTable
{
    private const int LongestRow = 1 << 16;

    private readonly DatasetFiles _files;
    private readonly ScannedFile _list;

    private CsvTable(DatasetFiles files, ScannedFile list)
    {
        (_files, _list) = (files, list);
        using TextReader text = files.Text(list);
        using CsvReader reader = Open(text);
        Headers = Guarded(() => ReadHeaders(reader));
    }

    /// <summary>Names of the columns, trimmed.</summary>
    public IReadOnlyList<string> Headers { get; }

    /// <summary>Reads the header.</summary>
    /// <exception cref="GraftException">The file is no text or no CSV.</exception>
    public static CsvTable Of(DatasetFiles files, ScannedFile list) => new(files, list);

    /// <summary>Place of a column, whatever its case; null where there is none.</summary>
    public int? Column(string name)
    {
        int column = Headers.ToList().FindIndex(header => header.Equals(name, StringComparison.OrdinalIgnoreCase));
        return column < 0 ? null : column;
    }

    /// <summary>The rows with the lines they begin at. Every row has all columns.</summary>
    /// <exception cref="GraftException">The file is no CSV.</exception>
    public IEnumerable<(long Line, string[] Values)> Rows()
    {
        using TextReader text = _files.Text(_list);
        using CsvReader reader = Open(text);
        _ = Guarded(() => ReadHeaders(reader));
        while (Guarded(reader.Read))
        {
            yield return (reader.LineNumber, Guarded(() => Values(reader)));
        }
    }

    private static string[] ReadHeaders(CsvReader reader)
    {
        reader.ReadHeader();
        return [.. reader.Headers.Select(header => header.Trim())];
    }

    private string[] Values(CsvReader reader) =>
        [.. Enumerable.Range(0, Headers.Count).Select(column => reader.GetString(column).Trim())];

    private static CsvReader Open(TextReader text) =>
        CsvReader.Create(
            text,
            new CsvReaderOptions
            {
                TrimWhitespace = true,
                MalformedData = CsvMalformedDataHandling.Throw,
                MaxRecordSize = LongestRow,
                TrackLineNumbers = true,
            },
            leaveOpen: true
        );

    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (CsvFormatException error)
        {
            throw _files.Problem(
                $"line {error.LineNumber} of '{Printable.Text(_list.Path)}' is not CSV; correct it",
                error
            );
        }
    }
}
