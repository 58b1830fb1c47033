using System.Text;
using Graft.Explanation;

namespace Graft.Cli.Views;

/// <summary>Shows a picture in the terminal: by kitty's graphics, or by coloured half blocks.</summary>
internal static class TerminalPicture
{
    private const int ChunkCharacters = 4096; // the protocol's largest
    private const int MostColumns = 48;

    /// <summary>Writes a picture below the last line.</summary>
    public static void Write(ImageExplanation explanation, Terminal terminal)
    {
        if (HasKittyGraphics())
        {
            terminal.Output.WriteLine(Kitty(explanation.ToPng()));
        }
        else if (terminal.HasColour)
        {
            terminal.Output.Write(
                Blocks(
                    explanation.ToPixels(),
                    explanation.Width,
                    explanation.Height,
                    Math.Min(MostColumns, terminal.Width)
                )
            );
        }
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

    private static bool HasKittyGraphics() =>
        Environment.GetEnvironmentVariable("KITTY_WINDOW_ID") is { Length: > 0 }
        || Environment.GetEnvironmentVariable("TERM") is "xterm-kitty" or "xterm-ghostty";
}
