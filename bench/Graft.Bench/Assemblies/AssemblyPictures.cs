using System.Globalization;
using System.Text;
using NetVips;

namespace Graft.Bench.Assemblies;

/// <summary>
/// Draws samples/assemblies: 300 pictures of a bench with parts of up to four of six kinds, or none, and labels.csv
/// with what lies on each. The same program draws the same pictures.
/// </summary>
internal static class AssemblyPictures
{
    private const int Count = 300;
    private const int Side = 192;
    private const int Samples = 3; // points across and down a pixel
    private const int Quality = 82;

    /// <param name="folder">Where to write. It gets images/ and labels.csv.</param>
    public static void Write(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        StringBuilder csv = new("path,labels,split\n");
        for (int number = 1; number <= Count; number++)
        {
            AssemblyScene scene = new((ulong)number);
            string path = string.Create(CultureInfo.InvariantCulture, $"images/{number:D3}.jpg");
            // every third is for the final evaluation
            csv.Append(CultureInfo.InvariantCulture, $"{path},{string.Join(';', scene.Labels)},")
                .Append(number % 3 == 0 ? "test\n" : "train\n");
            using Image picture = Image.NewFromMemory(Render(scene, number), Side, Side, 3, Enums.BandFormat.Uchar);
            picture.Jpegsave(Path.Combine(folder, path), q: Quality, keep: Enums.ForeignKeep.None);
        }

        File.WriteAllText(Path.Combine(folder, "labels.csv"), csv.ToString());
    }

    private static byte[] Render(AssemblyScene scene, int number)
    {
        byte[] pixels = new byte[Side * Side * 3];
        Parallel.For(0, Side, row =>
        {
            for (int column = 0; column < Side; column++)
            {
                Colour sum = default;
                for (int sample = 0; sample < Samples * Samples; sample++)
                {
                    double x = column + (((sample % Samples) + 0.5) / Samples);
                    double y = row + (((sample / Samples) + 0.5) / Samples);
                    sum += scene.At(x / Side, y / Side);
                }

                Colour colour = sum * (1.0 / (Samples * Samples));
                double noise = 0.03 * (Dice.Grain((ulong)number + 5000, column, row) - 0.5);
                int at = ((row * Side) + column) * 3;
                pixels[at] = Level(colour.Red, noise);
                pixels[at + 1] = Level(colour.Green, noise);
                pixels[at + 2] = Level(colour.Blue, noise);
            }
        });
        return pixels;
    }

    // from linear light to the screen's
    private static byte Level(double light, double noise) =>
        (byte)Math.Clamp(255 * (Math.Pow(Math.Clamp(light, 0, 1), 1 / 2.2) + noise), 0, 255);
}
