namespace Graft.Training.Tests.Doctor;

/// <summary>Names of files and folders that cause trouble on another system.</summary>
[Collection("torch")]
public sealed class NamesTests : IDisposable
{
    private readonly ToyWorld _world = new(10);

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Files_whose_names_differ_only_in_capital_letters_are_reported_once()
    {
        Copy("rings/00.png", "rings/Photo.png");
        Copy("rings/01.png", "rings/photo.PNG");
        Assert.SkipUnless(
            Directory
                .GetFiles(
                    Path.Combine(_world.Images, "rings"),
                    "*hoto*",
                    new EnumerationOptions { MatchCasing = MatchCasing.CaseInsensitive }
                )
                .Length == 2,
            "this file system folds case"
        );

        Finding clash = Assert.Single(Findings(FindingKind.CaseClash));

        Assert.Equal(
            ["rings/Photo.png", "rings/photo.PNG"],
            ((string[])[clash.Path, clash.Other!]).Order(StringComparer.Ordinal)
        );
        Assert.Contains("one file", clash.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Findings(FindingKind.CaseClash), finding =>
            finding.Path.Contains("02.png", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Classes_whose_names_differ_only_in_capital_letters_are_reported()
    {
        for (int i = 0; i < 5; i++)
        {
            Copy($"stripes/0{i}.png", $"Rings/a{i}.png");
        }

        Assert.SkipUnless(Directory.GetDirectories(_world.Images).Length == 4, "this file system folds case");

        Finding clash = Assert.Single(Findings(FindingKind.CaseClash));

        Assert.Equal(["Rings", "rings"], ((string[])[clash.Path, clash.Other!]).Order(StringComparer.Ordinal));
        Assert.Contains("two classes here, one on Windows and macOS", clash.Text, StringComparison.Ordinal);
    }

    private void Copy(string from, string to)
    {
        string target = Path.Combine(_world.Images, to);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Copy(Path.Combine(_world.Images, from), target);
    }

    private IEnumerable<Finding> Findings(FindingKind kind) =>
        DataDoctor
            .Examine(
                _world.Images,
                new() { Body = BodySource.OnnxFile(_world.BodyPath) },
                cancel: TestContext.Current.CancellationToken
            )
            .Findings.Where(finding => finding.Kind == kind);
}
