using System.Diagnostics;
using System.Text;
using Graft.Imaging;
using Graft.Prediction;
using NetVips;

namespace Graft.Training.Tests;

/// <summary>
/// Damaged input for every reader of foreign files: it is read or refused by a Graft exception on one line, soon and in
/// bounded memory. GRAFT_MUTATIONS sets the number of cases
/// a reader gets (100,000 in a full run).
/// </summary>
public sealed class FuzzTests : IDisposable
{
    private static readonly int Count = int.TryParse(
        Environment.GetEnvironmentVariable("GRAFT_MUTATIONS"),
        out int count
    )
        ? count
        : 400;

    /// <summary>
    /// No damaged file of the corpus, a few KB, may take longer; thousands of times what a sound one takes.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>What reading one may allocate: an image within the test's limits takes 12 MB.</summary>
    private const long Allowance = 64L << 20;

    private static readonly DecodeLimits Small = new() { Pixels = 4_000_000 };
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Images_are_decoded_and_rendered_or_refused()
    {
        Preprocessor preprocessor = new(
            new Preprocessing
            {
                Width = 32,
                Height = 32,
                ResizeShorter = 40,
            },
            Small
        );
        byte[] planes = new byte[2 * preprocessor.PixelBytes];

        AssertSurvives(Images(), bytes =>
        {
            using DecodedImage small = ImageDecoder.Decode(bytes, "fuzz", Small, PerceptualHash.Shrink);
            _ = PerceptualHash.Of(small);
            preprocessor.Render(bytes, "fuzz", [ImageView.Plain, new ImageView(1, 7)], planes);
        });
    }

    [Fact]
    public void Cards_are_read_or_refused()
    {
        string card = TinyClassifier.Card(TinyClassifier.Network()).ToJson();

        AssertSurvives(
            [
                Encoding.UTF8.GetBytes(card),
                Encoding.UTF8.GetBytes(card.Replace("\"version\":2", "\"version\":1", StringComparison.Ordinal)),
                "{}"u8.ToArray(),
                "[[[[[["u8.ToArray(),
                Encoding.UTF8.GetBytes(new string('{', 5000)),
            ],
            bytes => ModelCard.Parse(Encoding.UTF8.GetString(bytes), "fuzz")
        );
    }

    [Fact]
    public void Model_files_are_loaded_or_refused() =>
        AssertSurvives([TinyClassifier.Model()], bytes => Predictor.Load(bytes, "fuzz").Dispose());

    [Fact]
    public void Lists_of_images_are_read_or_refused()
    {
        byte[] png = TinyClassifier.Png(1, 2, 3);
        _ = folder.Write("a.png", png);
        _ = folder.Write("b.png", TinyClassifier.Png(3, 2, 1));
        byte[][] corpus =
        [
            "path,label,split\na.png,x,train\nb.png,y,test\n"u8.ToArray(),
            "label;path\nx;\"a.png\"\ny;\"b\"\".png\"\n"u8.ToArray(),
            "path\tlabel\r\na.png\tx\r\n"u8.ToArray(),
            [0xEF, 0xBB, 0xBF, .. "path,label\n\"a\nb.png\",x\n"u8],
            [0xFF, 0xFE, 0x70, 0, 0x61, 0],
        ];

        AssertSurvives(corpus, bytes =>
        {
            string csv = folder.Write("list.csv", bytes);
            _ = ImageSet.Load(
                csv,
                new() { LeastClasses = 1, LeastImages = 1 },
                cancel: TestContext.Current.CancellationToken
            );
        });
    }

    [Fact]
    public void Run_splits_are_read_or_refused()
    {
        for (int i = 0; i < 4; i++)
        {
            _ = folder.Write($"images/{(i % 2 == 0 ? "a" : "b")}/{i}.png", TinyClassifier.Png((byte)i, 2, 3));
        }

        ImageSet set = ImageSet.Load(
            Path.Combine(folder.Root, "images"),
            cancel: TestContext.Current.CancellationToken
        );

        AssertSurvives(
            ["path,label,split\na/0.png,a,train\na/2.png,a,test\nb/1.png,b,train\nb/3.png,b,test\n"u8.ToArray()],
            bytes => SplitFile.Read(folder.Write("split.csv", bytes), set)
        );
    }

    [Fact]
    public void Ignore_lists_with_any_content_are_read()
    {
        byte[][] corpus =
        [
            "# c\na/b.jpg\n*.png\n**/x/?\n/y\n"u8.ToArray(),
            "**********a**********b**********c*?*?*?*?*?*\n"u8.ToArray(),
            Encoding.UTF8.GetBytes(new string('*', 20_000)),
            "((((([[[[{{{{\\\\\\\\|||$$$^^^\n"u8.ToArray(),
            [0, 1, 2, 0xFF, 0xFE, 0x0A, 0xED, 0xA0, 0x80],
            Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a*b/", 5000))),
        ];

        AssertSurvives(corpus, bytes =>
        {
            _ = folder.Write(IgnoreList.FileName, bytes);
            IgnoreList list = IgnoreList.Read(folder.Root);
            _ = list.Contains("a/b/c/" + new string('a', 200) + ".jpg");
        });
    }

    private static byte[][] Images()
    {
        Vips.Prepare();
        using Image noise = Image
            .Gaussnoise(40, 30, mean: 128, sigma: 50, seed: 1)
            .Bandjoin(
                Image.Gaussnoise(40, 30, mean: 128, sigma: 50, seed: 2),
                Image.Gaussnoise(40, 30, mean: 128, sigma: 50, seed: 3)
            )
            .Cast(Enums.BandFormat.Uchar)
            .Copy(interpretation: Enums.Interpretation.Srgb)
            .CopyMemory();
        return
        [
            noise.JpegsaveBuffer(),
            noise.JpegsaveBuffer(interlace: true),
            noise.Colourspace(Enums.Interpretation.Cmyk).JpegsaveBuffer(),
            noise.PngsaveBuffer(),
            noise.PngsaveBuffer(palette: true, interlace: true),
            noise.WebpsaveBuffer(),
            noise.WebpsaveBuffer(lossless: true),
            noise.GifsaveBuffer(),
            noise.TiffsaveBuffer(),
            noise.TiffsaveBuffer(compression: Enums.ForeignTiffCompression.Lzw, tile: true),
            noise.Colourspace(Enums.Interpretation.Rgb16).PngsaveBuffer(),
            noise.JpegsaveBuffer()[..^2],
            noise.JpegsaveBuffer(interlace: true)[..^2],
            noise.Bandjoin(noise[0]).TiffsaveBuffer(),
            noise.HeifsaveBuffer(compression: Enums.ForeignHeifCompression.Av1),
            [.. "P6\n# noise\n40 30 255\n"u8, .. noise.WriteToMemory<byte>()],
            [.. "P5 20 30 40000\n"u8, .. noise.WriteToMemory<byte>()],
            "P3 2 2 15\n1 2 3  4 5 6  7 8 9  10 11 12\n"u8.ToArray(),
            "P1 8 2\n0101010111001100"u8.ToArray(),
        ];
    }

    internal static void AssertSurvives(byte[][] corpus, Action<byte[]> read)
    {
        for (int i = 0; i < Count + corpus.Length; i++)
        {
            byte[] input = i < corpus.Length ? corpus[i] : Damage(corpus[i % corpus.Length], new Random(i));
            long before = GC.GetAllocatedBytesForCurrentThread();
            Stopwatch watch = Stopwatch.StartNew();
            try
            {
                read(input);
            }
            catch (GraftException refusal)
            {
                Assert.DoesNotContain('\n', refusal.Message);
            }
            catch (Exception error) when (error is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"case {i}: {error}");
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Allowance);
            Assert.True(watch.Elapsed < Patience, $"case {i} took {watch.Elapsed}");
        }
    }

    private static byte[] Damage(byte[] whole, Random random)
    {
        byte[] bytes = [.. whole];
        for (int round = random.Next(4); round >= 0 && bytes.Length > 1; round--)
        {
            int place = random.Next(random.Next(2) == 0 ? Math.Min(64, bytes.Length) : bytes.Length);
            int length = random.Next(Math.Min(64, bytes.Length - place)) + 1;
            switch (random.Next(6))
            {
                case 0:
                    bytes[place] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[place] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes = bytes[..place];
                    break;
                case 3:
                    bytes = [.. bytes[..place], .. bytes[(place + length)..]];
                    break;
                case 4:
                    bytes = [.. bytes[..(place + length)], .. bytes[place..]];
                    break;
                default:
                    random.NextBytes(bytes.AsSpan(place, Math.Min(4, bytes.Length - place)));
                    break;
            }
        }

        return bytes;
    }
}
