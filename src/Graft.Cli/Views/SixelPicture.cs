using System.Globalization;
using System.Text;

namespace Graft.Cli.Views;

/// <summary>
/// A picture as sixels: bands of six rows, drawn in one colour after the other (DEC STD 070, chapter 9). It has 216
/// colours, six levels of each component, and ordered dithering between them.
/// </summary>
internal static class SixelPicture
{
    private const int BandHeight = 6;
    private const int Levels = 6;
    private const int Colours = Levels * Levels * Levels;

    // Thresholds of a Bayer matrix, [4,4].
    private static readonly int[] s_dither = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5];

    /// <summary>The escape sequence that draws a picture at the cursor.</summary>
    /// <param name="pixels">Red, green and blue of each pixel, [H,W,3].</param>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="height">Rows of the picture.</param>
    public static string Encode(byte[] pixels, int width, int height)
    {
        int[] colours = new int[width * height];
        for (int n = 0; n < colours.Length; n++)
        {
            colours[n] = ColourOf(pixels.AsSpan(3 * n, 3), s_dither[(4 * (n / width % 4)) + (n % width % 4)]);
        }

        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"\eP0;1q\"1;1;{width};{height}");
        foreach (int colour in colours.Distinct().Order())
        {
            text.Append(CultureInfo.InvariantCulture, $"#{colour};2;{Percent(colour / (Levels * Levels))};");
            text.Append(CultureInfo.InvariantCulture, $"{Percent(colour / Levels)};{Percent(colour)}");
        }

        for (int top = 0; top < height; top += BandHeight)
        {
            AppendBand(text, colours, width, top, Math.Min(BandHeight, height - top));
        }

        return text.Append("\e\\").ToString();
    }

    // Each colour draws its pixels of the band and returns to the left edge; then the next band begins.
    private static void AppendBand(StringBuilder text, int[] colours, int width, int top, int rows)
    {
        int[] band = new int[Colours * width]; // bits of the rows that have a colour in a column, [colour, column]
        foreach (int n in Enumerable.Range(top * width, rows * width))
        {
            band[(colours[n] * width) + (n % width)] |= 1 << ((n / width) - top);
        }

        foreach (int colour in colours.AsSpan(top * width, rows * width).ToArray().Distinct().Order())
        {
            text.Append(CultureInfo.InvariantCulture, $"#{colour}");
            AppendRuns(text, band.AsSpan(colour * width, width).TrimEnd(0));
            text.Append('$');
        }

        text.Append('-');
    }

    private static void AppendRuns(StringBuilder text, ReadOnlySpan<int> columns)
    {
        while (columns.Length > 0)
        {
            int same = columns.IndexOfAnyExcept(columns[0]) is int end and >= 0 ? end : columns.Length;
            char sixel = (char)('?' + columns[0]);
            _ = same > 3 ? text.Append(CultureInfo.InvariantCulture, $"!{same}{sixel}") : text.Append(sixel, same);
            columns = columns[same..];
        }
    }

    private static int ColourOf(ReadOnlySpan<byte> pixel, int threshold)
    {
        int colour = 0;
        foreach (byte value in pixel)
        {
            int scaled = (value * (Levels - 1) * 16) + (threshold * 255);
            colour = (colour * Levels) + Math.Min(Levels - 1, scaled / (255 * 16));
        }

        return colour;
    }

    private static int Percent(int level) => level % Levels * 100 / (Levels - 1);
}
