using Graft.Training;
using NetVips;

namespace Graft.Bench;

/// <summary>
/// Writes the middle of each photograph, grey and coarse. Like textures and surfaces, such images are unfamiliar to a
/// body that was trained on photographs.
/// </summary>
internal static class GreyPatches
{
    private const int ShorterSide = 300;
    private const int Side = 120;

    public static void Write(string images, string folder)
    {
        foreach (LabelledImage image in ImageSet.Load(images).Images)
        {
            string target = Path.Combine(folder, image.Label, Path.GetFileName(image.Name));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using Image photograph = Image.NewFromFile(image.File);
            using Image small = photograph.Resize((double)ShorterSide / Math.Min(photograph.Width, photograph.Height));
            using Image middle = small.Crop((small.Width - Side) / 2, (small.Height - Side) / 2, Side, Side);
            using Image grey = middle.Colourspace(Enums.Interpretation.Bw);
            grey.Jpegsave(target, q: 80);
        }
    }
}
