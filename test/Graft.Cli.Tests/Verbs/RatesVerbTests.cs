using System.Text.Json.Nodes;
using System.Xml.Linq;
using Graft.Training;
using Graft.Training.Tests;

namespace Graft.Cli.Tests.Verbs;

public sealed class RatesVerbTests : IDisposable
{
    private readonly ToyWorld _world = new(12);

    public void Dispose() => _world.Dispose();

    [Fact]
    public void A_small_set_gets_a_rate_a_curve_and_a_picture()
    {
        string picture = _world.Run("rates.svg");

        Outcome outcome = Find("--plot", picture, "--json");

        Assert.True(outcome.Code == ExitCode.Done, outcome.Error);
        JsonNode json = JsonNode.Parse(outcome.Output)!;
        Assert.InRange((double)json["suggestedRate"]!, 1e-5, 1);
        Assert.Equal("--body-rate", (string?)json["option"]);
        Assert.InRange(json["points"]!.AsArray().Count, 20, 100);
        XElement svg = XDocument.Load(picture).Root!;
        Assert.Equal("svg", svg.Name.LocalName);
        Assert.Contains(svg.Elements(), element => element.Value.StartsWith("suggested: ", StringComparison.Ordinal));
        Assert.Contains(svg.Elements(), element => element.Value == "1e-3");
        Assert.DoesNotContain("href", File.ReadAllText(picture), StringComparison.Ordinal); // needs nothing else
    }

    [Fact]
    public void In_a_pipe_it_says_which_rule_is_taken_and_what_to_do_next()
    {
        Outcome outcome = Find();

        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        Assert.Matches(
            @"Rate: +0\.\d+, (the steepest descent|a tenth of the minimum) \(steepest descent 0\.\d+, "
                + @"a tenth of the minimum 0\.\d+; the smaller is used\)",
            outcome.Output
        );
        Assert.Matches(@"Next: +graft train .* --body-rate 0\.\d+\n$", outcome.Output);
        Assert.DoesNotContain("*", outcome.Output, StringComparison.Ordinal); // no plot
    }

    [Fact]
    public void A_picture_that_cannot_be_written_is_one_line()
    {
        Outcome outcome = Find("--plot", _world.Run("nowhere/rates.svg/"));

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.Contains("name another file with --plot", Assert.Single(outcome.ErrorLines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--epochs", "3")]
    [InlineData("--from", "run")]
    [InlineData("--body-rate", "0.1")]
    public void How_long_and_how_fast_is_no_option(string option, string value)
    {
        Outcome outcome = Cli.Run("rates", "photos", option, value);

        Assert.Equal(ExitCode.BadUsage, outcome.Code);
        Assert.Contains($"no option {option} of `graft rates`", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_that_are_not_there_are_one_line()
    {
        Outcome outcome = Cli.Run("rates", "no-such-folder");

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.Equal(
            "graft: 'no-such-folder' cannot be used: there is no such file or folder; correct its name",
            Assert.Single(outcome.ErrorLines)
        );
    }

    [Fact]
    public void On_a_screen_the_curve_is_a_plot_with_a_bar_at_the_suggestion()
    {
        RateCurve curve = new(
            [
                .. Enumerable
                    .Range(0, 50)
                    .Select(i =>
                        (
                            Rate: Math.Pow(10, -6 + (i / 7.0)),
                            Loss: i < 20 ? 2.8
                            : i < 35 ? 2.8 - (0.15 * (i - 20))
                            : 0.6 + (0.2 * (i - 35))
                        )
                    )
                    .Select(p => new RatePoint(p.Rate, p.Loss, p.Loss)),
            ],
            false,
            "it was long enough"
        );

        IReadOnlyList<string> lines = curve.ToText(70);

        Assert.All(lines, line => Assert.InRange(line.Length, 0, 78));
        Assert.Contains("1e-6", lines[^1], StringComparison.Ordinal);
        Assert.Contains(lines, line =>
            line.Contains('*', StringComparison.Ordinal) && line.Contains('|', StringComparison.Ordinal)
        );
    }

    private Outcome Find(params string[] more) =>
        Cli.Run(
            [
                "rates",
                _world.Images,
                "--body",
                _world.BodyPath,
                "--views",
                "1",
                "--train",
                "0.6",
                "--batch",
                "8",
                "--threads",
                "1",
                .. more,
            ],
            Terminal.PipeWidth,
            TestContext.Current.CancellationToken
        );
}
