using System.Globalization;
using Graft.Explanation;
using Graft.Imaging;
using Graft.Prediction;
using Graft.Training;
using NetVips;

namespace Graft.Bench;

/// <summary>
/// Deletion (Petsiuk et al. 2018, section 4): takes away the hottest share of an image's pixels, and as many random
/// ones in squares of the map's places. A heat map that shows what the network used makes the probability of the class
/// fall more. What is taken away becomes grey, or blurred (Fong and Vedaldi 2017), which adds no edges.
/// </summary>
internal static class HeatBench
{
    private const double Share = 0.2;
    private const int Draws = 3;

    private static readonly string[] s_fills = ["grey", "blurred"];

    /// <param name="run">A run: its test images are explained by its model.</param>
    public static void Run(string run)
    {
        string model = Path.Combine(run, "model.onnx");
        using Explainer explainer = Explainer.Load(model);
        using ClassifierNetwork network = new(File.ReadAllBytes(model), model);
        LabelledImage[] test =
        [
            .. RunFolder.Open(run).ReadSplit().Images.Where(image => image.Part == ImagePart.Test),
        ];
        Console.WriteLine($"{test.Length} test images, {Share:P0} of the pixels taken away, {Draws} random draws each");
        List<(double Hot, double Random)>[] falls = [[], []];
        foreach ((int number, LabelledImage image) in test.Index())
        {
            using MemoryStream content = new();
            using (Stream stream = image.OpenAsync().AsTask().GetAwaiter().GetResult())
            {
                stream.CopyTo(content);
            }

            Deletion deletion = new(explainer, network, content.ToArray(), image.Name);
            for (int fill = 0; fill < s_fills.Length; fill++)
            {
                falls[fill].Add(deletion.Falls(fill, Share, Draws, new Random(number)));
            }
        }

        foreach ((string fill, List<(double Hot, double Random)> found) in s_fills.Zip(falls))
        {
            double more = found.Count(fall => fall.Hot > fall.Random) / (double)found.Count;
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{fill}: the hottest lower the probability more in {more:P1}; mean fall: hottest "
                        + $"{found.Average(fall => fall.Hot):0.000}, random {found.Average(fall => fall.Random):0.000}"
                )
            );
        }
    }

    // One image of which pixels are taken away.
    private sealed class Deletion
    {
        private const float Grey = 127.5f;

        private readonly ClassifierNetwork _network;
        private readonly Preprocessing _preprocessing;
        private readonly float[] _pixels; // [3,H,W]
        private readonly float[][] _fills; // what takes their place, [3,H,W]
        private readonly HeatMap _heat;
        private readonly int _number; // of the explained class

        public Deletion(Explainer explainer, ClassifierNetwork network, byte[] file, string name)
        {
            (_network, _preprocessing) = (network, explainer.Card.Preprocessing);
            byte[] pixels = new Preprocessor(_preprocessing).Render(file, name);
            _pixels = Array.ConvertAll(pixels, value => (float)value);
            _fills = [Array.ConvertAll(_pixels, _ => Grey), Array.ConvertAll(Blurred(pixels), value => (float)value)];
            ImageExplanation explanation = explainer.Explain(file, name);
            _heat = explanation.Heat;
            _number = explainer.Card.Labels.ToList().IndexOf(explanation.Label);
        }

        private int Width => _preprocessing.Width;

        private int Height => _preprocessing.Height;

        // How much the probability falls without the hottest pixels, and without random ones on average.
        public (double Hot, double Random) Falls(int fill, double share, int draws, Random random)
        {
            List<float[]> seen = [_pixels, Without(fill, share, HeatOf)];
            for (int draw = 0; draw < draws; draw++)
            {
                double[] order = [.. Enumerable.Range(0, _heat.Width * _heat.Height).Select(_ => random.NextDouble())];
                seen.Add(Without(fill, share, pixel => order[PlaceOf(pixel)]));
            }

            float[] images = [.. seen.SelectMany(image => image)];
            float[] all = _network.Run(images, seen.Count, _preprocessing).Probabilities;
            int classes = all.Length / seen.Count;
            double[] found = [.. Enumerable.Range(0, seen.Count).Select(i => (double)all[(i * classes) + _number])];
            return (found[0] - found[1], found[0] - found[2..].Average());
        }

        private double HeatOf(int pixel) =>
            _heat.Between(((pixel % Width) + 0.5) / Width, ((pixel / Width) + 0.5) / Height);

        private int PlaceOf(int pixel) =>
            (pixel / Width * _heat.Height / Height * _heat.Width) + (pixel % Width * _heat.Width / Width);

        private float[] Without(int fill, double share, Func<int, double> rank)
        {
            int area = Width * Height;
            float[] image = [.. _pixels];
            IEnumerable<int> taken = Enumerable.Range(0, area).OrderByDescending(rank).Take((int)(share * area));
            foreach (int pixel in taken)
            {
                for (int place = pixel; place < image.Length; place += area)
                {
                    image[place] = _fills[fill][place];
                }
            }

            return image;
        }

        private byte[] Blurred(byte[] planes)
        {
            // the planes lie one below the other
            using Image image = Image.NewFromMemoryCopy(planes, Width, 3 * Height, 1, Enums.BandFormat.Uchar);
            Image[] parts = [.. Enumerable.Range(0, 3).Select(i => image.Crop(0, i * Height, Width, Height))];
            return [.. parts.SelectMany(part => part.Gaussblur(Width / 16.0).WriteToMemory<byte>())];
        }
    }
}
