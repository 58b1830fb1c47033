using Spectre.Console;

namespace Graft.Cli.Views;

/// <summary>
/// Rows of text: on a screen as wide as it is, in a pipe one line a row with two spaces or more between columns.
/// </summary>
/// <param name="headings">One a column.</param>
/// <param name="numberColumns">Columns that are aligned to the right.</param>
internal sealed class ResultTable(IReadOnlyList<string> headings, IReadOnlyList<int> numberColumns)
{
    private const int Gap = 2;

    private readonly List<string[]> _rows = [];

    public int RowCount => _rows.Count;

    /// <param name="cells">Safe to print.</param>
    public void Add(params string[] cells) => _rows.Add(cells);

    public void WriteTo(IAnsiConsole console)
    {
        if (console.Profile.Capabilities.Interactive)
        {
            WriteTable(console);
        }
        else
        {
            WriteLines(console.Profile.Out.Writer);
        }
    }

    private void WriteTable(IAnsiConsole console)
    {
        Table table = new() { Border = TableBorder.Simple };
        for (int i = 0; i < headings.Count; i++)
        {
            table.AddColumn(
                new TableColumn(new Text(headings[i], new Style(decoration: Decoration.Bold)))
                {
                    Alignment = IsNumber(i) ? Justify.Right : Justify.Left,
                }
            );
        }

        foreach (string[] row in _rows)
        {
            table.AddRow(row.Select(cell => new Text(cell)));
        }

        console.Write(table);
    }

    private void WriteLines(TextWriter output)
    {
        int[] widths =
        [
            .. headings.Select(
                (heading, i) => Math.Max(heading.Length, _rows.Select(row => row[i].Length).DefaultIfEmpty().Max())
            ),
        ];
        foreach (IReadOnlyList<string> row in _rows.Prepend([.. headings]))
        {
            IEnumerable<string> cells = row.Select(
                (cell, i) => IsNumber(i) ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i])
            );
            output.WriteLine(string.Join(new string(' ', Gap), cells).TrimEnd());
        }
    }

    private bool IsNumber(int column) => numberColumns.Contains(column);
}
