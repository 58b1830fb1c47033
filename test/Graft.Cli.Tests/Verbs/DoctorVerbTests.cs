using System.Text.Json.Nodes;
using Graft.Imaging;
using NetVips;

namespace Graft.Cli.Tests.Verbs;

public sealed class DoctorVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_set_is_examined_shown_written_and_left_as_it_was_but_for_ignore_txt()
    {
        string images = Images();
        string page = Path.Combine(_folder.Root, "doctor.html");

        Outcome outcome = Cli.Run("doctor", images, "--report", page, "--write-ignore");

        Assert.True(outcome.Code == ExitCode.Done, outcome.Error);
        Assert.Contains("13 images, 12 of them usable, 2 classes", outcome.Output, StringComparison.Ordinal);
        Assert.Matches(@"empty +1  not used +a/empty\.jpg", outcome.Output);
        Assert.Matches(
            @"near duplicate +1 .* a/0-mirrored\.jpg = a/0\.png|near duplicate +1 .* a/0\.png = a/0-mirrored\.jpg",
            outcome.Output
        );
        string html = File.ReadAllText(page);
        Assert.Contains("data:image/webp;base64,", html, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "http",
            html.Replace("http-equiv", "", StringComparison.Ordinal),
            StringComparison.Ordinal
        ); // needs nothing else
        Assert.Contains("/a/empty.jpg", File.ReadAllLines(Path.Combine(images, "ignore.txt")));
        Assert.Equal(
            13,
            Directory
                .GetFiles(images, "*.*", SearchOption.AllDirectories)
                .Count(file => !file.EndsWith(".txt", StringComparison.Ordinal))
        );
        // the list is honoured
        Assert.Contains("12 images, 12 of them usable", Cli.Run("doctor", images).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_names_every_finding()
    {
        JsonNode json = JsonNode.Parse(Cli.Run("doctor", Images(), "--json").Output)!;

        Assert.Equal(13, (int)json["images"]!);
        Assert.Equal(1, (int)json["kinds"]!["nearDuplicate"]!);
        Assert.Contains(json["findings"]!.AsArray(), finding =>
            (string?)finding!["kind"] == "empty"
            && (string?)finding["severity"] == "leftOut"
            && (string?)finding["path"] == "a/empty.jpg"
        );
    }

    [Theory]
    [InlineData("pixel=5", "did you mean 'pixels'?")]
    [InlineData("pixels=many", "write pixels=NUMBER")]
    [InlineData("pixels", "write pixels=NUMBER")]
    [InlineData("pixels=1e12", "must lie above 0, at most 700000000")]
    public void A_limit_that_makes_no_sense_is_bad_usage(string limit, string hint)
    {
        Outcome outcome = Cli.Run("doctor", Images(), "--limit", limit);

        Assert.Equal(ExitCode.BadUsage, outcome.Code);
        Assert.Contains(hint, outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lowered_limit_leaves_images_out()
    {
        Outcome outcome = Cli.Run("doctor", Images(), "--limit", "pixels=5000", "--limit", "folder-depth=1");

        Assert.Equal(ExitCode.BadInput, outcome.Code); // all are larger
        Assert.Contains("and 0 million are the limit", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void This_machine_computes_as_it_should()
    {
        Outcome outcome = Cli.Run("check");

        Assert.True(outcome.Code == ExitCode.Done, outcome.Error);
        Assert.Contains("libtorch", outcome.Output, StringComparison.Ordinal);
    }

    private string Images()
    {
        Vips.Prepare();
        for (int i = 0; i < 11; i++)
        {
            using Image picture = Cloud(i);
            _folder.Write($"images/{(i < 6 ? "a" : "b")}/{i}.png", picture.PngsaveBuffer());
            if (i == 0)
            {
                _folder.Write("images/a/0-mirrored.jpg", picture.FlipHor().JpegsaveBuffer(q: 85));
            }
        }

        _folder.Write("images/a/empty.jpg", []);
        return Path.Combine(_folder.Root, "images");
    }

    private static Image Cloud(int seed) =>
        Image
            .Gaussnoise(8, 6, mean: 128, sigma: 60, seed: seed * 3)
            .Bandjoin(
                Image.Gaussnoise(8, 6, mean: 128, sigma: 60, seed: (seed * 3) + 1),
                Image.Gaussnoise(8, 6, mean: 128, sigma: 60, seed: (seed * 3) + 2)
            )
            .Resize(20)
            .Cast(Enums.BandFormat.Uchar)
            .Copy(interpretation: Enums.Interpretation.Srgb)
            .CopyMemory();
}
