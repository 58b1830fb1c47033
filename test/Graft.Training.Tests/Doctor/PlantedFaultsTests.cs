using Graft.Training.Data;

namespace Graft.Training.Tests.Doctor;

/// <summary>Faults planted in real photographs. `Graft.Bench doctor` does the same with all of Flowers-17.</summary>
[Collection("torch")]
public sealed class PlantedFaultsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Test_images_that_were_changed_and_put_into_the_training_part_are_found()
    {
        string flowers = SharedData.Find("data/flowers17.csv");
        PlantedSet planted = PlantedSet.Leak(flowers, _folder.Root, count: 20, seed: 1);

        Inspection before = Inspection.Of(
            ImageSet.Load(flowers, cancel: TestContext.Current.CancellationToken),
            new(),
            0,
            null,
            TestContext.Current.CancellationToken
        );
        Inspection after = Inspection.Of(
            ImageSet.Load(planted.Csv, cancel: TestContext.Current.CancellationToken),
            new(),
            0,
            null,
            TestContext.Current.CancellationToken
        );

        HashSet<string> own = [.. before.Pairs.Select(pair => Name(before, pair))];
        string[] found = [.. after.Pairs.Where(pair => IsLeak(after, pair)).Select(pair => Name(after, pair))];
        Assert.InRange(
            planted.Planted.Count(leak => found.Any(name => name.Contains(leak, StringComparison.Ordinal))),
            18,
            20
        );
        string[] unplanted =
        [
            .. after
                .Pairs.Select(pair => Name(after, pair))
                .Where(name => !planted.Planted.Any(leak => name.Contains(leak, StringComparison.Ordinal))),
        ];
        // pairs of the photographs themselves; all show one picture, checked by eye (docs/results.md)
        Assert.All(unplanted, name => Assert.Contains(name, own));
    }

    [Fact]
    public void Labels_that_were_exchanged_are_among_the_most_suspicious()
    {
        PlantedSet planted = PlantedSet.WrongLabels(
            SharedData.Find("data/flowers17_10.csv"),
            _folder.Root,
            share: 0.05,
            seed: 1
        );

        DataReport report = DataDoctor.Examine(planted.Csv, cancel: TestContext.Current.CancellationToken);

        HashSet<string> suspicious =
        [
            .. report.Labels.Take(report.Labels.Count / 10).Select(opinion => opinion.Image.Name),
        ];
        int found = planted.Planted.Count(suspicious.Contains);
        Assert.True(found >= 0.8 * planted.Planted.Count, $"{found} of {planted.Planted.Count}");
        Assert.Contains(report.Findings, finding => finding.Kind == FindingKind.WrongLabel);
    }

    private static string Name(Inspection inspection, NearPair pair) =>
        $"{FileName(inspection, pair.First)} {FileName(inspection, pair.Second)}";

    private static string? FileName(Inspection inspection, int image) =>
        Path.GetFileName(inspection.Set.Images[image].File);

    private static bool IsLeak(Inspection inspection, NearPair pair) =>
        inspection.Set.Images[pair.First].Part != inspection.Set.Images[pair.Second].Part;
}
