using System.Text.RegularExpressions;
using Graft.Cli.Views;
using Graft.Training;
using Microsoft.Extensions.Time.Testing;

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
        string screen = Shown(100, s_run);

        Assert.StartsWith("extract       lite0 once for each of 3 views\n", screen, StringComparison.Ordinal);
        Assert.Contains("\n              epoch  1/12  loss 0.512", screen, StringComparison.Ordinal);
        Assert.Contains("fine-tune     the last third", screen, StringComparison.Ordinal);
        Assert.EndsWith("best epoch 1 (3 s)\n", screen, StringComparison.Ordinal);
        Assert.DoesNotContain("━", screen, StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_under_the_bar_comes_out_as_it_was()
    {
        using StringWriter screen = new();
        Terminal terminal = new(screen, screen, isErrorLive: true);

        GraftException error = Assert.Throws<GraftException>(() =>
            ProgressView.Run<int>(terminal, Loudness.Normal, _ => throw new GraftException("'x' cannot be y"))
        );

        Assert.Equal("'x' cannot be y", error.Message);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(60)]
    [InlineData(40)]
    public void A_screen_of_any_width_gets_whole_words_in_lines_that_fit(int width)
    {
        TrainingEvent[] run =
        [
            new PhaseStarted("first answer", "a probe on the plain images, for an answer within seconds"),
            new Progressed("first answer", 3, 9, "fits", 0, TimeSpan.Zero),
            new Notice("one of the classes has three times as many images as the others", IsWarning: true),
            new PhaseEnded("first answer", "validation accuracy 0.950", 3.4),
        ];

        string screen = Shown(width, run);

        Assert.All(screen.Split('\n'), line => Assert.InRange(line.Length, 0, width - 1));
        string words = string.Join(' ', screen.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("a probe on the plain images, for an answer within seconds", words, StringComparison.Ordinal);
        Assert.Contains("three times as many images as the others", words, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_that_became_several_rows_is_erased_from_its_first_row()
    {
        using StringWriter screen = new();
        Terminal terminal = new(screen, screen, isErrorLive: true, width: 100);
        int width = 100;

        using (LiveProgress progress = new(terminal.ErrorConsole, () => width, new FakeTimeProvider()))
        {
            progress.Report(new Progressed("extract", 40, 80, "images", 31.24, TimeSpan.FromSeconds(75)));
            width = 30;
            progress.Report(new Notice("x"));
        }

        string[] drawn = screen.ToString().Replace("\r\n", "\n", StringComparison.Ordinal).Split('\u001b');
        Assert.Equal(
            $"extract {new string('━', 12)}{new string('─', 12)} 50 %  31.2 images/s, 1 min 15 s left",
            drawn[0]
        );
        Assert.Equal("[2A\r", drawn[1]);
        Assert.StartsWith("[J  x\n", drawn[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--quiet", false, false)]
    [InlineData("", true, false)]
    [InlineData("--verbose", true, true)]
    public void Trials_are_told_where_they_are_asked_for(string flag, bool hasProgress, bool hasTrials)
    {
        Loudness loudness =
            flag == "--quiet" ? Loudness.Quiet
            : flag == "--verbose" ? Loudness.Verbose
            : Loudness.Normal;
        using StringWriter told = new() { NewLine = "\n" };
        Terminal terminal = new(told, told);

        ProgressView.Run(terminal, loudness, progress =>
        {
            progress.Report(new PhaseStarted("probe", "now"));
            progress.Report(new TrialsEnded("pooling", [new("average", 0.9, 0.5, true)], "least loss"));
            progress.Report(new Notice("odd", IsWarning: true));
            return 0;
        });

        Assert.Contains("warning: odd", told.ToString(), StringComparison.Ordinal);
        Assert.Equal(hasProgress, told.ToString().Contains("now", StringComparison.Ordinal));
        Assert.Equal(hasTrials, told.ToString().Contains("tried: pooling", StringComparison.Ordinal));
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

    // What stays on a screen that erases what it is told to.
    private static string Shown(int width, TrainingEvent[] run)
    {
        using StringWriter screen = new();
        Terminal terminal = new(screen, screen, isErrorLive: true, width: width);
        using (LiveProgress progress = new(terminal.ErrorConsole, () => width, new FakeTimeProvider()))
        {
            Array.ForEach(run, progress.Report);
        }

        string text = Regex.Replace(
            screen.ToString().Replace("\r\n", "\n", StringComparison.Ordinal),
            "[^\n]*\r\u001b\\[J",
            ""
        );
        return Regex.Replace(text, "\u001b\\[[0-9;]*m", "");
    }
}
