using System.Text.Json.Nodes;
using Graft.Prediction;
using NetVips;

namespace Graft.Training.Tests.Release;

[Collection("torch")]
public sealed class LeakedTestImagesTests : IDisposable
{
    private readonly ToyWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void The_accuracy_without_leaks_counts_only_the_other_test_images()
    {
        List<(string Path, string Label)> test = [];
        List<string> rows = ["path,label,split"];
        foreach (string folder in Directory.GetDirectories(_world.Images).Order(StringComparer.Ordinal))
        {
            string label = Path.GetFileName(folder);
            string[] files = [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal)];
            rows.AddRange(files[..14].Select(file => $"images/{label}/{Path.GetFileName(file)},{label},train"));
            test.AddRange(files[14..].Select(file => ($"images/{label}/{Path.GetFileName(file)}", label)));
        }

        // Trained on under another name, and tested under a wrong label, which lowers the accuracy.
        List<(string Path, string Label)> leaked =
        [
            ("images/leaked-a.png", "stripes"),
            ("images/leaked-b.png", "stripes"),
            ("images/leaked-c.webp", "rings"),
        ];
        _world.Write(leaked[0].Path, File.ReadAllBytes(Path.Combine(_world.Images, "checks/00.png")));
        _world.Write(leaked[1].Path, Mirrored("rings/01.png", ".png[compression=9]"));
        _world.Write(leaked[2].Path, Mirrored("stripes/02.png", ".webp[lossless]"));
        rows.AddRange(test.Concat(leaked).Select(image => $"{image.Path},{image.Label},test"));
        string csv = _world.Run("images.csv");
        File.WriteAllLines(csv, rows);

        TrainingResult result = Trainer.Train(
            csv,
            _world.Run("run"),
            _world.Options,
            cancel: TestContext.Current.CancellationToken
        );

        using Predictor predictor = Predictor.Load(result.ModelPath);
        bool IsRight((string Path, string Label) image) =>
            predictor.Predict(_world.Run(image.Path)).Label == image.Label;
        double expected = test.Count(IsRight) / (double)test.Count;
        double all = test.Concat(leaked).Count(IsRight) / (double)(test.Count + leaked.Count);
        JsonObject json = JsonNode
            .Parse(File.ReadAllText(Path.Combine(result.RunFolder, "evaluation.json")))!
            .AsObject();
        Assert.Equal(3, (int)json["leakedTestImages"]!);
        Assert.Equal(expected, (double)json["accuracyWithoutLeaks"]!, 1e-12);
        Assert.Equal(all, (double)json["accuracy"]!, 1e-12);
        Assert.True(all < expected, $"{all} {expected}");
        Assert.InRange(
            expected,
            (double)json["accuracyIntervalWithoutLeaks"]![0]!,
            (double)json["accuracyIntervalWithoutLeaks"]![1]!
        );
        Assert.Equal("seconds", json.Last().Key);
    }

    [Fact]
    public void Without_leaks_there_is_no_second_accuracy()
    {
        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run("run"),
            _world.Options with
            {
                HeadTraining = new() { Epochs = 0 },
                FineTune = new() { Epochs = 0 },
            },
            cancel: TestContext.Current.CancellationToken
        );

        JsonObject json = JsonNode
            .Parse(File.ReadAllText(Path.Combine(result.RunFolder, "evaluation.json")))!
            .AsObject();
        Assert.False(json.ContainsKey("leakedTestImages"));
        Assert.False(json.ContainsKey("accuracyWithoutLeaks"));
    }

    private byte[] Mirrored(string picture, string format)
    {
        using Image image = Image.NewFromFile(Path.Combine(_world.Images, picture));
        using Image mirrored = image.FlipHor();
        return mirrored.WriteToBuffer(format);
    }
}
