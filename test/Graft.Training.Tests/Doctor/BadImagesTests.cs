using System.Text.Json;
using System.Text.Json.Nodes;

namespace Graft.Training.Tests.Doctor;

[Collection("torch")]
public sealed class BadImagesTests : IDisposable
{
    private readonly ToyWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Each_unusable_image_is_reported_with_its_reason_and_changes_no_byte_of_the_model()
    {
        IReadOnlyList<(string Name, FindingKind Kind, byte[] Bytes)> bad = BadImages.Unusable();
        TrainingOptions options = _world.Options with { RejectedLimit = 0.9 };
        TrainingResult clean = Trainer.Train(
            _world.Images,
            _world.Run("clean"),
            options,
            cancel: TestContext.Current.CancellationToken
        );
        foreach ((string name, _, byte[] bytes) in bad)
        {
            _world.Write($"images/rings/bad-{name}", bytes);
        }

        TrainingResult result = Trainer.Train(
            _world.Images,
            _world.Run("run"),
            options,
            cancel: TestContext.Current.CancellationToken
        );

        Assert.True(bad.Count >= 60, $"{bad.Count} images");
        Dictionary<string, string> found = Findings(result.RunFolder)
            .Where(finding => (string?)finding["severity"] == "leftOut")
            .ToDictionary(finding => (string)finding["path"]!, finding => (string)finding["kind"]!);
        Assert.Equal(
            bad.Select(image =>
                    $"rings/bad-{image.Name}: {JsonNamingPolicy.CamelCase.ConvertName(image.Kind.ToString())}"
                )
                .Order(StringComparer.Ordinal),
            found.Select(pair => $"{pair.Key}: {pair.Value}").Order(StringComparer.Ordinal)
        );
        Assert.Equal(File.ReadAllBytes(clean.ModelPath), File.ReadAllBytes(result.ModelPath));
        Assert.Equal(clean.Evaluation.Confusion, result.Evaluation.Confusion);
    }

    [Fact]
    public void Each_odd_image_is_used_and_reported()
    {
        IReadOnlyList<(string Name, FindingKind Kind, byte[] Bytes)> odd = BadImages.Odd();
        using ToyWorld world = new(colours: true);
        foreach ((string name, _, byte[] bytes) in odd)
        {
            world.Write($"images/rings/odd-{name}", bytes);
        }

        TrainingResult result = Trainer.Train(
            world.Images,
            world.Run("run"),
            world.Options,
            cancel: TestContext.Current.CancellationToken
        );

        string[] found = [.. Findings(result.RunFolder).Select(finding => $"{finding["path"]}: {finding["kind"]}")];
        Assert.All(odd, image =>
            Assert.Contains(
                $"rings/odd-{image.Name}: {JsonNamingPolicy.CamelCase.ConvertName(image.Kind.ToString())}",
                found
            )
        );
        string split = File.ReadAllText(Path.Combine(result.RunFolder, "split.csv"));
        Assert.All(odd, image => Assert.Contains($"rings/odd-{image.Name}", split, StringComparison.Ordinal));
    }

    private static JsonNode[] Findings(string run) =>
        [
            .. JsonNode.Parse(File.ReadAllText(Path.Combine(run, "doctor.json")))!["findings"]!
                .AsArray()
                .OfType<JsonNode>(),
        ];
}
