using System.Text;
using Graft.Explanation;

namespace Graft.Cli.Views;

/// <summary>Shows a picture in the terminal: by kitty's graphics, by sixels, or by coloured half blocks.</summary>
internal static class TerminalPicture
{
    private const int ChunkCharacters = 4096; // the protocol's largest
    private const int MostColumns = 48;
    private static readonly string[] s_sixelTerminals = ["foot", "mlterm", "contour", "yaft"]; // their TERM begins so

    /// <summary>Writes a picture below the last line.</summary>
    public static void Write(ImageExplanation explanation, Terminal terminal)
    {
        (int width, int height) = (explanation.Width, explanation.Height);
        switch (GraphicsOf(Environment.GetEnvironmentVariable))
        {
            case TerminalGraphics.Kitty:
                terminal.Output.WriteLine(Kitty(explanation.ToPng()));
                break;
            case TerminalGraphics.Sixel:
                terminal.Output.WriteLine(SixelPicture.Encode(explanation.ToPixels(), width, height));
                break;
            default:
                if (terminal.HasColour)
                {
                    int columns = Math.Min(MostColumns, terminal.Width);
                    terminal.Output.Write(Blocks(explanation.ToPixels(), width, height, columns));
                }

                break;
        }
    }

    /// <summary>What a terminal draws, by what it says of itself in its variables.</summary>
    /// <param name="variable">Gives an environment variable.</param>
    internal static TerminalGraphics GraphicsOf(Func<string, string?> variable)
    {
        if (variable("TMUX") is { Length: > 0 } || variable("STY") is { Length: > 0 })
        {
            return TerminalGraphics.Blocks; // tmux and screen hand on neither
        }

        string term = variable("TERM") ?? "";
        if (variable("KITTY_WINDOW_ID") is { Length: > 0 } || term is "xterm-kitty" or "xterm-ghostty")
        {
            return TerminalGraphics.Kitty;
        }

        return
            s_sixelTerminals.Contains(term.Split('-')[0])
            || term.Contains("sixel", StringComparison.Ordinal)
            || variable("TERM_PROGRAM") is "WezTerm" or "mintty" or "iTerm.app"
            ? TerminalGraphics.Sixel
            : TerminalGraphics.Blocks;
    }

    /// <summary>The picture as escape sequences of kitty's graphics protocol.</summary>
    internal static string Kitty(byte[] png)
    {
        string text = Convert.ToBase64String(png);
        StringBuilder escaped = new();
        for (int start = 0; start < text.Length; start += ChunkCharacters)
        {
            string chunk = text.Substring(start, Math.Min(ChunkCharacters, text.Length - start));
            int more = start + chunk.Length < text.Length ? 1 : 0;
            escaped.Append(start == 0 ? $"\e_Ga=T,f=100,m={more};" : $"\e_Gm={more};").Append(chunk).Append("\e\\");
        }

        return escaped.ToString();
    }

    /// <summary>The picture as lines of half blocks, each two pixels high.</summary>
    /// <param name="pixels">Red, green and blue of each pixel, [H,W,3].</param>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="columns">Columns on the screen.</param>
    internal static string Blocks(byte[] pixels, int width, int height, int columns)
    {
        int rows = Math.Max(2, (int)Math.Round((double)columns * height / width)) / 2 * 2;
        string At(int x, int y)
        {
            int place = 3 * ((y * height / rows * width) + (x * width / columns));
            return $"{pixels[place]};{pixels[place + 1]};{pixels[place + 2]}";
        }

        StringBuilder text = new();
        for (int y = 0; y < rows; y += 2)
        {
            for (int x = 0; x < columns; x++)
            {
                text.Append($"\e[38;2;{At(x, y)}m\e[48;2;{At(x, y + 1)}m▀");
            }

            text.Append("\e[0m\n");
        }

        return text.ToString();
    }
}

/// <summary>How a terminal shows a picture.</summary>
internal enum TerminalGraphics
{
    /// <summary>By characters only.</summary>
    Blocks,

    /// <summary>By kitty's graphics protocol.</summary>
    Kitty,

    /// <summary>By sixels.</summary>
    Sixel,
}
