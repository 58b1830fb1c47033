using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Graft.Explanation;
using Graft.Imaging;
using Graft.Onnx;
using Graft.Prediction;
using NetVips;

namespace Graft.Tests.Explanation;

public sealed class NearestImagesTests : IDisposable
{
    private static readonly (string Name, byte[] File, string Label)[] s_images =
    [
        ("a.png", TinyClassifier.Png(255, 0, 0), "red"),
        ("b.png", TinyClassifier.Png(230, 40, 0), "red"),
        ("c.png", TinyClassifier.Png(0, 255, 0), "green"),
        ("d.png", TinyClassifier.Png(0, 0, 255), "blue"),
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public NearestImagesTests() => _model = _folder.Write("m.onnx", Model());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_nearest_images_come_first_with_their_labels_hashes_and_thumbnails()
    {
        Write(_model, s_images);
        using NearestImages nearest = NearestImages.Load(_model);

        IReadOnlyList<NearImage> found = nearest.Find(s_images[0].File, count: 3);

        Assert.Equal(4, nearest.Count);
        Assert.Equal(["a.png", "b.png"], found.Take(2).Select(one => one.Name));
        Assert.Equal(3, found.Count);
        Assert.Equal(0, found[0].Distance, 1e-3);
        Assert.InRange(found[1].Distance, 0.001, found[2].Distance);
        Assert.Equal(["red"], found[1].Labels);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(s_images[1].File)), found[1].ContentHash);
        using Image thumbnail = Image.NewFromBuffer(found[0].Thumbnail.ToArray());
        Assert.Equal((60, 50), (thumbnail.Width, thumbnail.Height)); // no larger than the image
        Assert.True(thumbnail[30, 25][0] > 240);
    }

    [Fact]
    public void Distances_are_one_minus_the_cosine_of_the_features()
    {
        Write(_model, s_images);
        using NearestImages nearest = NearestImages.Load(_model);

        double distance = nearest.Find(s_images[0].File, count: 4).Single(one => one.Name == "c.png").Distance;

        // features (1,-1,-1) and (-1,1,-1): their cosine is -1/3
        Assert.Equal(4 / 3d, distance, 1e-3);
    }

    [Fact]
    public void Thumbnails_of_large_images_have_at_most_96_pixels_a_side()
    {
        Vips.Prepare();
        using Image large = Image.Black(1000, 500, bands: 3);
        Write(_model, [("large.png", large.PngsaveBuffer(), "red")]);
        using NearestImages nearest = NearestImages.Load(_model);

        using Image thumbnail = Image.NewFromBuffer(nearest.Find(s_images[0].File)[0].Thumbnail.ToArray());

        Assert.Equal((96, 48), (thumbnail.Width, thumbnail.Height));
    }

    [Fact]
    public void The_same_images_give_the_same_bytes()
    {
        Write(_model, s_images);
        byte[] first = File.ReadAllBytes(NeighbourFile.PathBeside(_model));
        Write(_model, s_images);

        Assert.Equal(first, File.ReadAllBytes(NeighbourFile.PathBeside(_model)));
    }

    [Fact]
    public void More_images_than_a_batch_keep_their_order()
    {
        (string, byte[], string)[] many =
        [
            .. Enumerable
                .Range(0, 70)
                .Select(i => ($"{i}.png", TinyClassifier.Png(0, (byte)(3 * i), i == 50 ? (byte)255 : (byte)0), "any")),
        ];
        Write(_model, many);
        using NearestImages nearest = NearestImages.Load(_model);

        Assert.Equal("50.png", nearest.Find(many[50].Item2, count: 1)[0].Name);
        Assert.Equal(70, nearest.Find(many[50].Item2, count: 100).Count);
    }

    [Fact]
    public void A_file_of_another_model_is_refused()
    {
        Write(_model, s_images);
        File.WriteAllBytes(_model, Model(card => card with { CreatedBy = "another" }));

        GraftException error = Assert.Throws<GraftException>(() => NearestImages.Load(_model));

        Assert.Contains("belongs to another model", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_the_file_says_how_to_get_it()
    {
        GraftException error = Assert.Throws<GraftException>(() => NearestImages.Load(_model));

        Assert.False(NearestImages.ExistFor(_model));
        Assert.Contains("m.neighbours.zip' is missing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_a_novelty_score_is_refused_by_name()
    {
        string plain = _folder.Write("plain.onnx", TinyClassifier.Model());

        OnnxException error = Assert.Throws<OnnxException>(() => Write(plain, s_images));

        Assert.Contains("no novelty score", error.Message, StringComparison.Ordinal);
        Assert.False(NearestImages.ExistFor(plain));
    }

    [Fact]
    public void An_image_that_cannot_be_used_leaves_no_file()
    {
        Assert.Throws<ImageException>(() =>
            Write(_model, [("no.png", Encoding.UTF8.GetBytes("no image"), "red")])
        );

        Assert.Equal([_model], Directory.GetFiles(_folder.Root));
    }

    [Theory]
    [InlineData("neighbours.json", "{")]
    [InlineData("neighbours.json", "{\"version\":1,\"modelSha256\":\"HASH\",\"featureCount\":3,\"images\":[null]}")]
    [InlineData("neighbours.json", "{\"version\":1,\"modelSha256\":\"HASH\",\"featureCount\":0,\"images\":[]}")]
    [InlineData("neighbours.json", null)]
    [InlineData("features.f16", "short")]
    [InlineData("features.f16", null)]
    public void A_damaged_archive_is_refused_by_name(string entry, string? content)
    {
        Write(_model, s_images);
        string hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_model)));
        using (ZipArchive archive = ZipFile.Open(NeighbourFile.PathBeside(_model), ZipArchiveMode.Update))
        {
            archive.GetEntry(entry)!.Delete();
            if (content is not null)
            {
                using Stream stream = archive.CreateEntry(entry).Open();
                stream.Write(Encoding.UTF8.GetBytes(content.Replace("HASH", hash, StringComparison.Ordinal)));
            }
        }

        GraftException error = Assert.Throws<GraftException>(() => NearestImages.Load(_model));

        Assert.Contains("m.neighbours.zip' is damaged", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_archive_or_of_a_later_version_is_refused()
    {
        _folder.Write("m.neighbours.zip", "no archive"u8.ToArray());
        Assert.Contains(
            "is damaged",
            Assert.Throws<GraftException>(() => NearestImages.Load(_model)).Message,
            StringComparison.Ordinal
        );

        NeighbourList later = new(2, new string('a', 64), 3, [new("a.png", ["red"], new string('b', 64))]);
        File.Delete(NeighbourFile.PathBeside(_model));
        using (ZipArchive archive = ZipFile.Open(NeighbourFile.PathBeside(_model), ZipArchiveMode.Create))
        {
            using Stream stream = archive.CreateEntry(NeighbourFile.ListName).Open();
            stream.Write(later.ToBytes());
        }

        Assert.Contains(
            "it has version 2; update Graft",
            Assert.Throws<GraftException>(() => NearestImages.Load(_model)).Message,
            StringComparison.Ordinal
        );
    }

    private static void Write(string model, IEnumerable<(string Name, byte[] File, string Label)> images) =>
        NeighbourFile.Write(
            model,
            images.Select(image => new NeighbourSource(
                new(image.Name, _ => new(new MemoryStream(image.File))),
                [image.Label]
            )),
            cancel: TestContext.Current.CancellationToken
        );

    // With the node of a novelty score that reads the features.
    private static byte[] Model(Func<ModelCard, ModelCard>? change = null)
    {
        OnnxModel model = TinyClassifier.Network();
        model.Graph.Initializer.Add(TensorValues.FromSingles("centres", [3, 1], [1, 0, 0]));
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "MatMul",
                Name = "products",
                Input = { "features", "centres" },
                Output = { FeatureNetwork.Products },
            }
        );
        ModelCard card = TinyClassifier.Card(model);
        model.SetMetadata(ModelCard.MetadataKey, (change?.Invoke(card) ?? card).ToJson());
        return model.ToBytes();
    }
}
