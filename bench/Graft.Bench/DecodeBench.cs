using Graft.Data;
using Graft.Imaging;
using Graft.Training;
using Graft.Training.Bodies;

namespace Graft.Bench;

/// <summary>Images a second from bytes of files to pixels for the network, on all cores.</summary>
internal static class DecodeBench
{
    private const int Most = 400;

    public static void Run(string images, Settings settings)
    {
        Preprocessing recipe = TrainableBody.Load(new TrainingOptions()).Preprocessing;
        Preprocessor preprocessor = new(recipe);
        byte[][] files = [.. ImageSet.Load(images).Images.Take(Most).Select(image => File.ReadAllBytes(image.File))];
        View[] views = [View.Plain, .. Enumerable.Range(1, 6).Select(v => new View((uint)v, 1))];

        Rounds rounds = new(files.Length);
        rounds.Add("libvips, decoded in full, then resized and cropped", () => Parallel.ForEach(files, file =>
        {
            using NetVips.Image whole = NetVips.Image.NewFromBuffer(file);
            using NetVips.Image small = whole.ThumbnailImage(256, height: 256, size: NetVips.Enums.Size.Both, crop: NetVips.Enums.Interesting.Centre);
            using NetVips.Image crop = small.Crop(16, 16, recipe.Width, recipe.Height);
            _ = crop.WriteToMemory<byte>();
        }));
        rounds.Add("Graft, the plain view", () => Parallel.ForEach(files, file => _ = preprocessor.Render(file)));
        rounds.Add("Graft, the plain view and six random ones", () => Parallel.ForEach(files, file => preprocessor.Render(file, "image", views, new byte[views.Length * preprocessor.PixelBytes])));
        rounds.Run((int)settings.Number("rounds", 3));
    }
}
