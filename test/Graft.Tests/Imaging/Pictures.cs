using Graft.Imaging;
using NetVips;

namespace Graft.Tests.Imaging;

/// <summary>Makes and compares the images of these tests.</summary>
internal static class Pictures
{
    /// <summary>
    /// Makes a smooth picture with all hues, which lossy formats preserve well. Red grows to the right, green
    /// downwards, blue towards the upper left.
    /// </summary>
    public static Image Gradient(int width = 96, int height = 64)
    {
        byte[] pixels = new byte[width * height * 3];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int at = ((y * width) + x) * 3;
                pixels[at] = (byte)(255 * x / (width - 1));
                pixels[at + 1] = (byte)(255 * y / (height - 1));
                pixels[at + 2] = (byte)(255 - (pixels[at] / 2) - (pixels[at + 1] / 2));
            }
        }

        using Image raw = Image.NewFromMemory(pixels, width, height, 3, Enums.BandFormat.Uchar);
        return raw.Copy(interpretation: Enums.Interpretation.Srgb).CopyMemory();
    }

    /// <summary>Returns the image's bytes, R, G, B interleaved.</summary>
    public static byte[] Pixels(Image image) => image.WriteToMemory<byte>();

    /// <summary>Returns the decoded pixels, R, G, B interleaved.</summary>
    public static byte[] Decode(byte[] file)
    {
        using DecodedImage decoded = ImageDecoder.Decode(file, "picture");
        return decoded.Pixels.ToArray();
    }

    /// <summary>Reads an 8-bit RGB file as three planes.</summary>
    public static byte[] Planes(string path)
    {
        using Image image = Image.NewFromFile(path);
        byte[] mixed = Pixels(image);
        byte[] planes = new byte[mixed.Length];
        for (int i = 0; i < mixed.Length; i++)
        {
            planes[(i % 3 * (mixed.Length / 3)) + (i / 3)] = mixed[i];
        }

        return planes;
    }

    /// <summary>Returns the mean absolute difference in levels of 255.</summary>
    public static double MeanDifference(byte[] a, byte[] b)
    {
        Assert.Equal(a.Length, b.Length);
        return a.Zip(b, (x, y) => Math.Abs(x - y)).Average();
    }
}
