using Graft.Imaging;
using Graft.Training;
using Graft.Training.Bodies;

namespace Graft.Bench;

/// <summary>Measures decoding on all cores: from the bytes of files to pixels for the network.</summary>
internal static class DecodeBench
{
    private const int MaxImages = 400;

    public static void Run(string images, Settings settings)
    {
        Preprocessing recipe = TrainableBodyLoader.Load(new TrainingOptions().ToBodyPlan()).Preprocessing;
        Preprocessor preprocessor = new(recipe);
        byte[][] files =
        [
            .. ImageSet.Load(images).Images.Take(MaxImages).Select(image => File.ReadAllBytes(image.File!)),
        ];
        ImageView[] views = [ImageView.Plain, .. Enumerable.Range(1, 6).Select(v => new ImageView((uint)v, 1))];

        Rounds rounds = new(files.Length);
        rounds.Add("(b) libvips, decoded in full, then resized and cropped", () => Parallel.ForEach(files, file =>
            {
                using NetVips.Image whole = NetVips.Image.NewFromBuffer(file);
                using NetVips.Image small = whole.ThumbnailImage(
                    recipe.ResizeShorter,
                    height: recipe.ResizeShorter,
                    size: NetVips.Enums.Size.Both,
                    crop: NetVips.Enums.Interesting.Centre
                );
                using NetVips.Image crop = small.Crop(
                    (small.Width - recipe.Width) / 2,
                    (small.Height - recipe.Height) / 2,
                    recipe.Width,
                    recipe.Height
                );
                _ = crop.WriteToMemory<byte>();
            }));
        rounds.Add("Graft, the plain view", () => Parallel.ForEach(files, file => _ = preprocessor.Render(file)));
        rounds.Add("Graft, the plain view and six random ones", () =>
            Parallel.ForEach(files, file =>
                preprocessor.Render(file, "image", views, new byte[views.Length * preprocessor.PixelBytes])
            )
        );
        int count = (int)settings.Number("rounds", 3);
        double[] seconds = rounds.Run(count);
        PyTorch.Decode(images, recipe, files.Length, count, files.Length / seconds[0], files.Length / seconds[1]);
    }
}
