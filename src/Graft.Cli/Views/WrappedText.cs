namespace Graft.Cli.Views;

/// <summary>Text in lines of a width, broken between words.</summary>
internal static class WrappedText
{
    /// <summary>Below this width a label has a line of its own.</summary>
    public const int NarrowWidth = 60;

    private const int NarrowIndent = 2;

    /// <summary>Lines of at most a width; a word that is longer stays whole.</summary>
    public static List<string> Lines(string text, int width)
    {
        if (text.Length <= width)
        {
            return [text];
        }

        List<string> lines = [""];
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (lines[^1].Length > 0 && lines[^1].Length + 1 + word.Length > width)
            {
                lines.Add("");
            }

            lines[^1] += lines[^1].Length == 0 ? word : " " + word;
        }

        return lines;
    }

    /// <summary>A label, and a text beside it; under it on a narrow screen.</summary>
    /// <param name="label">Empty for a text that goes on.</param>
    /// <param name="column">Where the text begins.</param>
    public static IEnumerable<string> Labelled(string label, string text, int column, int width)
    {
        bool isNarrow = width < NarrowWidth;
        string indent = new(' ', isNarrow ? NarrowIndent : column);
        IEnumerable<string> lines = Lines(text, Math.Max(width - indent.Length, 10)).Select(line => indent + line);
        return label.Length == 0 ? lines
            : isNarrow ? lines.Prepend(label)
            : lines.Select((line, i) => i == 0 ? label.PadRight(column) + line.TrimStart() : line);
    }
}
