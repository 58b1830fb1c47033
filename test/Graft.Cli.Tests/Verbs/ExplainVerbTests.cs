using System.Text.Json;
using Graft.Cli.Views;

namespace Graft.Cli.Tests.Verbs;

public sealed class ExplainVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;
    private readonly string _out;

    public ExplainVerbTests()
    {
        _model = _folder.Write("model.onnx", TinyClassifier.Model());
        _out = Path.Combine(_folder.Root, "heat");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_image_becomes_a_PNG_and_a_line_with_its_class()
    {
        string red = _folder.Write("one/a.png", TinyClassifier.Png(255, 0, 0));
        string blue = _folder.Write("two/a.png", TinyClassifier.Png(0, 0, 255));

        Outcome outcome = Cli.Run("explain", _model, red, blue, "--out", _out);

        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        string[] lines = outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Matches(@"a\.png +red +0\.999 +.*heat/a\.png$", lines[1]);
        Assert.Matches(@"a\.png +blue +0\.999 +.*heat/a-2\.png$", lines[2]);
        Assert.All(Directory.GetFiles(_out), file => Assert.Equal("PNG"u8.ToArray(), File.ReadAllBytes(file)[1..4]));
        Assert.Equal(2, Directory.GetFiles(_out).Length);
    }

    [Fact]
    public void A_named_class_is_explained_and_printed_as_JSON()
    {
        string red = _folder.Write("a.png", TinyClassifier.Png(255, 0, 0));

        Outcome outcome = Cli.Run("explain", _model, red, "--label", "blue", "--out", _out, "--json");

        JsonElement one = JsonDocument.Parse(outcome.Output).RootElement[0];
        Assert.Equal("blue", one.GetProperty("label").GetString());
        Assert.True(one.GetProperty("probability").GetDouble() < 0.01);
        Assert.True(File.Exists(one.GetProperty("file").GetString()));
    }

    [Fact]
    public void A_class_that_the_model_does_not_have_is_bad_usage()
    {
        string red = _folder.Write("a.png", TinyClassifier.Png(255, 0, 0));

        Outcome outcome = Cli.Run("explain", _model, red, "--label", "bleu", "--out", _out);

        Assert.Equal(ExitCode.BadUsage, outcome.Code);
        Assert.Equal("graft: '--label' cannot be 'bleu': did you mean 'blue'?", outcome.ErrorLines[0]);
    }

    [Fact]
    public void An_image_that_cannot_be_used_fails_alone()
    {
        string red = _folder.Write("a.png", TinyClassifier.Png(255, 0, 0));
        string no = _folder.Write("no.png", "no image");

        Outcome outcome = Cli.Run("explain", _model, no, red, "--out", _out);

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.Contains("no.png", Assert.Single(outcome.ErrorLines), StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_out));
    }

    [Fact]
    public void Half_blocks_keep_the_proportions_and_the_colours()
    {
        byte[] pixels = [255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9]; // 2 x 2

        string text = TerminalPicture.Blocks(pixels, 2, 2, columns: 2);

        Assert.Equal("\e[38;2;255;0;0m\e[48;2;0;0;255m▀\e[38;2;0;255;0m\e[48;2;9;9;9m▀\e[0m\n", text);
    }

    [Fact]
    public void Kitty_gets_the_file_in_chunks_that_say_whether_more_follow()
    {
        string text = TerminalPicture.Kitty(new byte[6000]);

        string[] chunks = text.Split("\e\\", StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("\e_Ga=T,f=100,m=1;", chunks[0], StringComparison.Ordinal);
        Assert.StartsWith("\e_Gm=0;", chunks[^1], StringComparison.Ordinal);
        Assert.Equal(new byte[6000], Convert.FromBase64String(string.Concat(chunks.Select(one => one.Split(';')[1]))));
    }

    [Fact]
    public void Sixels_draw_each_colour_of_a_band_once()
    {
        // 5 x 7: red, but that the last row is blue
        byte[] pixels = [.. Enumerable.Range(0, 35).SelectMany(n => n < 30 ? (byte[])[255, 0, 0] : [0, 0, 255])];

        string text = SixelPicture.Encode(pixels, 5, 7);

        Assert.Equal("\eP0;1q\"1;1;5;7#5;2;0;0;100#180;2;100;0;0#180!5~$-#5!5@$-\e\\", text);
    }

    [Fact]
    public void Sixels_mix_two_colours_where_neither_is_the_one()
    {
        byte[] grey = [.. Enumerable.Repeat((byte)(255 / 10), 3 * 8 * 8)]; // between level 0 and level 1

        string text = SixelPicture.Encode(grey, 8, 8);

        Assert.Contains("#0;2;0;0;0", text, StringComparison.Ordinal);
        Assert.Contains("#43;2;20;20;20", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TERM=xterm-256color", "Blocks")]
    [InlineData("TERM=xterm-kitty", "Kitty")]
    [InlineData("KITTY_WINDOW_ID=1", "Kitty")]
    [InlineData("KITTY_WINDOW_ID=1 TMUX=/tmp/tmux", "Blocks")]
    [InlineData("TERM=foot-extra", "Sixel")]
    [InlineData("TERM=xterm-sixel", "Sixel")]
    [InlineData("TERM=xterm-256color TERM_PROGRAM=WezTerm", "Sixel")]
    [InlineData("TERM=xterm-256color TERM_PROGRAM=WezTerm STY=1", "Blocks")]
    public void The_terminals_variables_tell_what_it_draws(string variables, string expected)
    {
        Dictionary<string, string> set = variables
            .Split(' ')
            .Select(one => one.Split('='))
            .ToDictionary(pair => pair[0], pair => pair[1]);

        TerminalGraphics graphics = TerminalPicture.GraphicsOf(name => set.GetValueOrDefault(name));

        Assert.Equal(expected, graphics.ToString());
    }
}
