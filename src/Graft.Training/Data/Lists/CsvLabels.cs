using CsvHelper;
using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>
/// Reads the labels of a CSV row: one from the column label; several from the column labels, with ";" or "|" between
/// them; or one from each column that holds 1.
/// </summary>
internal sealed class CsvLabels
{
    private static readonly string[] s_notClasses = ["path", "split", "group"];

    private readonly int _column;
    private readonly (int Index, string Name)[] _classes; // columns of 0 and 1
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly bool _isOne;

    private CsvLabels(int column, bool isOne, (int Index, string Name)[] classes) =>
        (_column, _isOne, _classes) = (column, isOne, classes);

    /// <summary>Classes whose columns hold no 1, once all rows are read.</summary>
    public IEnumerable<string> Unused => _classes.Select(one => one.Name).Where(name => !_seen.Contains(name));

    /// <summary>Finds the columns of a header; null where there is none.</summary>
    public static CsvLabels? Find(CsvReader reader)
    {
        if (reader.TryGetFieldIndex("label", out int label))
        {
            return new(label, isOne: true, []);
        }

        if (reader.TryGetFieldIndex("labels", out int labels))
        {
            return new(labels, isOne: false, []);
        }

        (int, string)[] classes =
        [
            .. reader
                .Headers.Select((header, index) => (index, header.Trim()))
                .Where(one =>
                    one.Item2.Length > 0 && !s_notClasses.Contains(one.Item2, StringComparer.OrdinalIgnoreCase)
                ),
        ];
        return classes.Length == 0 ? null : new(-1, isOne: false, classes);
    }

    /// <summary>The labels of the current row; none at all only where the columns allow it.</summary>
    /// <param name="reader">The reader, at a row.</param>
    /// <param name="row">Number of the row for messages.</param>
    /// <param name="problem">Makes an exception of a reason.</param>
    /// <exception cref="GraftException">The row has no label and needs one, or a value that is neither 0 nor
    /// 1.</exception>
    public string[] Read(CsvReader reader, long row, Func<string, GraftException> problem)
    {
        if (_column < 0)
        {
            return [.. _classes.Where(one => IsOne(reader, one, row, problem)).Select(one => one.Name)];
        }

        string text = reader.GetString(_column);
        if (_isOne)
        {
            return text.Length > 0 ? [text] : throw problem($"line {row} has no label; fill it in or delete the row");
        }

        if (reader.FieldCount > reader.Headers.Count)
        {
            throw problem(
                $"line {row} has {reader.FieldCount} fields, and the header has {reader.Headers.Count}; "
                    + "put the labels into quotes, or write '|' between them"
            );
        }

        return text.Split([';', '|'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }

    private bool IsOne(
        CsvReader reader,
        (int Index, string Name) column,
        long row,
        Func<string, GraftException> problem
    )
    {
        string text = reader.GetString(column.Index).Trim();
        bool isOne = text is "1" or "1.0" || text.Equals("true", StringComparison.OrdinalIgnoreCase);
        if (isOne)
        {
            _seen.Add(column.Name);
        }

        return isOne || text is "0" or "0.0" || text.Equals("false", StringComparison.OrdinalIgnoreCase)
            ? isOne
            : throw problem(
                $"it has no column 'label' or 'labels', and line {row} has '{Printable.Text(text)}' in the column "
                    + $"'{Printable.Text(column.Name)}', which is neither 0 nor 1; name the column of the classes "
                    + "'label', or write 0 and 1"
            );
    }
}
