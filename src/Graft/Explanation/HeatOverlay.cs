using Graft.Imaging;
using NetVips;

namespace Graft.Explanation;

/// <summary>Draws a heat map over the pixels that a network sees.</summary>
internal static class HeatOverlay
{
    private const double Cover = 0.7; // of the hottest place

    // from black over purple and orange to pale yellow: brighter is hotter, also without colour vision
    private static readonly double[][] s_colours =
    [
        [0, 0, 4],
        [120, 28, 109],
        [237, 105, 37],
        [252, 255, 164],
    ];

    /// <summary>Draws a heat map.</summary>
    /// <param name="planes">Planes of red, green and blue, [3,H,W].</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="heat">The map.</param>
    /// <returns>Red, green and blue of each pixel, [H,W,3].</returns>
    public static byte[] Draw(byte[] planes, int width, int height, HeatMap heat)
    {
        int area = width * height;
        byte[] pixels = new byte[3 * area];
        for (int i = 0; i < area; i++)
        {
            double value = heat.Between(((i % width) + 0.5) / width, ((i / width) + 0.5) / height);
            for (int channel = 0; channel < 3; channel++)
            {
                double pixel = planes[(channel * area) + i];
                pixels[(3 * i) + channel] = (byte)
                    Math.Round(pixel + (Cover * value * (Colour(value, channel) - pixel)));
            }
        }

        return pixels;
    }

    /// <summary>Packs pixels, [H,W,3], as a PNG.</summary>
    public static byte[] Png(byte[] pixels, int width, int height)
    {
        Vips.Prepare();
        using Image image = Image.NewFromMemory(pixels, width, height, 3, Enums.BandFormat.Uchar);
        using Image named = image.Copy(interpretation: Enums.Interpretation.Srgb);
        return named.PngsaveBuffer();
    }

    private static double Colour(double value, int channel)
    {
        double place = Math.Clamp(value, 0, 1) * (s_colours.Length - 1);
        int below = Math.Min((int)place, s_colours.Length - 2);
        return s_colours[below][channel]
            + ((place - below) * (s_colours[below + 1][channel] - s_colours[below][channel]));
    }
}
