using Graft.Cli.Views;
using Graft.Training;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console;
using Spectre.Console.Testing;

namespace Graft.Cli.Tests.Views;

public sealed class ProgressViewTests
{
    private static readonly TrainingEvent[] s_run =
    [
        new PhaseStarted("extract", "lite0 once for each of 3 views"),
        new Progressed("extract", 40, 80, "images", 0, TimeSpan.Zero),
        new Progressed("extract", 80, 80, "images", 0, TimeSpan.Zero),
        new PhaseEnded("extract", "80 images", 61.2),
        new PhaseStarted("fine-tune", "the last third"),
        new EpochEnded("fine-tune", 1, 12, 0.51234, 0.4, 0.925, 0.01),
        new Notice("3 images\u001b[2J left out", IsWarning: true),
        new PhaseEnded("fine-tune", "best epoch 1", 3.4),
    ];

    [Fact]
    public void A_pipe_gets_lines_and_no_escape_sequences()
    {
        using StringWriter output = new() { NewLine = "\n" };
        PlainProgress progress = new(output, new FakeTimeProvider());

        Array.ForEach(s_run, progress.Report);

        Assert.Equal(
            """
            extract       lite0 once for each of 3 views
                          80 images (1 min 01 s)
            fine-tune     the last third
                          epoch  1/12  loss 0.512  validation 0.400  accuracy 0.925  rate 0.01
                          warning: 3 images\u001b[2J left out
                          best epoch 1 (3 s)

            """.ReplaceLineEndings("\n"),
            output.ToString()
        );
    }

    [Fact]
    public void A_notice_about_an_option_names_its_flag()
    {
        Notice notice = new("224 x 224 pixels are used", IsWarning: true) { Option = "Body.InputSize" };

        Assert.Equal("warning: 224 x 224 pixels are used (--size)", EventText.Of(notice)?.Trim());
    }

    [Fact]
    public void A_pipe_gets_a_progress_line_every_few_seconds()
    {
        using StringWriter output = new() { NewLine = "\n" };
        FakeTimeProvider time = new();
        PlainProgress progress = new(output, time);

        for (int i = 0; i <= 600; i++)
        {
            progress.Report(new Progressed("extract", i, 1000, "images", 0, TimeSpan.Zero));
            time.Advance(TimeSpan.FromMilliseconds(20)); // 50 a second for 12 s
        }

        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            ["250 of 1,000 images, 50.0 a second, 15 s left", "500 of 1,000 images, 50.0 a second, 10 s left"],
            lines.Select(line => line.Trim())
        );
    }

    [Fact]
    public void A_screen_gets_the_same_lines_and_a_bar_that_goes_away()
    {
        using TestConsole console = new TestConsole().Interactive().Width(100);

        int result = ProgressView.Run(console, isLive: true, progress =>
        {
            Array.ForEach(s_run, progress.Report);
            return 7;
        });

        Assert.Equal(7, result);
        Assert.Contains("epoch  1/12  loss 0.512", console.Output, StringComparison.Ordinal);
        Assert.Contains("fine-tune     the last third", console.Output, StringComparison.Ordinal);
        // TestConsole strips its own sequences; the notice's are escaped
        Assert.DoesNotContain('\u001b', console.Output);
    }

    [Fact]
    public void An_error_under_the_bar_comes_out_as_it_was()
    {
        using TestConsole console = new TestConsole().Interactive();

        GraftException error = Assert.Throws<GraftException>(() =>
            ProgressView.Run<int>(console, isLive: true, _ => throw new GraftException("'x' cannot be y"))
        );

        Assert.Equal("'x' cannot be y", error.Message);
    }

    [Theory]
    [InlineData(0.04, "0.0 s")]
    [InlineData(12.4, "12 s")]
    [InlineData(59.7, "1 min 00 s")]
    [InlineData(185, "3 min 05 s")]
    [InlineData(3720, "1 h 02 min")]
    [InlineData(90_000, "25 h 00 min")]
    public void Durations_are_short(double seconds, string text) =>
        Assert.Equal(text, EventText.Duration(TimeSpan.FromSeconds(seconds)));
}
