using System.Text.Json;
using Graft.Prediction;

namespace Graft.Cli.Tests.Verbs;

public sealed class ShowVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_card_is_shown_as_lines_or_as_it_is()
    {
        string model = _folder.Write("model.onnx", TinyClassifier.Model());

        Outcome text = Cli.Run("show", model);
        Outcome json = Cli.Run("show", model, "--json");

        Assert.Equal((ExitCode.Done, ""), (text.Code, text.Error));
        Assert.Matches(@"\nlabels +red, green, blue\n", text.Output);
        Assert.Matches(@"\ninput\.layout +NCHW\n", text.Output);
        Assert.DoesNotContain("selfTest.", text.Output, StringComparison.Ordinal);
        JsonElement card = JsonDocument.Parse(json.Output).RootElement;
        Assert.Equal(2, card.GetProperty("version").GetInt32());
        Assert.Equal(3, card.GetProperty("labels").GetArrayLength());
    }

    [Fact]
    public void The_card_of_an_older_model_can_be_written_beside_it()
    {
        string model = _folder.Write("model.onnx", TinyClassifier.Model());

        Outcome shown = Cli.Run("show", model, "--json");

        Assert.Equal(
            TinyClassifier.Card(TinyClassifier.Network()).ToJson(),
            ModelCard.Parse(shown.Output, "x").ToJson()
        );
    }

    [Fact]
    public void A_file_without_a_card_is_named()
    {
        Outcome outcome = Cli.Run("show", _folder.Write("x.onnx", [1, 2, 3]));

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.Contains("x.onnx", outcome.Error, StringComparison.Ordinal);
    }
}
