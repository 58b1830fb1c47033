using System.Text.Json;
using Graft.Explanation;
using Graft.Onnx;
using Graft.Prediction;

namespace Graft.Cli.Tests.Verbs;

public sealed class ExplainNeighbourTests : IDisposable
{
    private static readonly byte[] s_red = TinyClassifier.Png(255, 0, 0);

    private readonly TemporaryFolder _folder = new();
    private readonly string _model;
    private readonly string _image;
    private readonly string _out;

    public ExplainNeighbourTests()
    {
        _model = _folder.Write("model.onnx", Model());
        _image = _folder.Write("a.png", s_red);
        _out = Path.Combine(_folder.Root, "heat");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_nearest_training_images_become_files_and_lines()
    {
        WriteNeighbours();

        Outcome outcome = Cli.Run("explain", _model, _image, "--out", _out);

        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        Assert.Matches(@"a\.png +red/1\.png +red +0\.000 +.*heat/a\.near-1\.jpg", outcome.Output);
        Assert.Equal(
            ["a.near-1.jpg", "a.near-2.jpg", "a.near-3.jpg", "a.png"],
            Directory.GetFiles(_out).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void As_many_as_asked_for_are_printed_as_JSON()
    {
        WriteNeighbours();

        Outcome outcome = Cli.Run("explain", _model, _image, "--neighbours", "2", "--out", _out, "--json");

        JsonElement nearest = JsonDocument.Parse(outcome.Output).RootElement[0].GetProperty("nearest");
        Assert.Equal(2, nearest.GetArrayLength());
        Assert.Equal("red/1.png", nearest[0].GetProperty("name").GetString());
        Assert.Equal("red", nearest[0].GetProperty("labels")[0].GetString());
        Assert.Equal(0, nearest[0].GetProperty("distance").GetDouble(), 1e-3);
        Assert.Equal(64, nearest[0].GetProperty("sha256").GetString()!.Length);
        Assert.True(File.Exists(nearest[1].GetProperty("file").GetString()));
    }

    [Fact]
    public void None_are_written_where_none_are_asked_for()
    {
        WriteNeighbours();

        Outcome outcome = Cli.Run("explain", _model, _image, "--neighbours", "0", "--out", _out, "--json");

        Assert.False(JsonDocument.Parse(outcome.Output).RootElement[0].TryGetProperty("nearest", out _));
        Assert.Single(Directory.GetFiles(_out));
    }

    [Fact]
    public void A_model_without_them_names_the_option_that_keeps_them()
    {
        Outcome outcome = Cli.Run("explain", _model, _image, "--neighbours", "2", "--out", _out);

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.Contains("model.neighbours.zip' is missing", outcome.ErrorLines[0], StringComparison.Ordinal);
        Assert.Contains("--with-neighbours", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("101")]
    public void A_number_out_of_its_range_is_bad_usage(string count)
    {
        Outcome outcome = Cli.Run("explain", _model, _image, "--neighbours", count, "--out", _out);

        Assert.Equal(ExitCode.BadUsage, outcome.Code);
        Assert.StartsWith($"graft: '--neighbours' cannot be {count}", outcome.ErrorLines[0], StringComparison.Ordinal);
    }

    private void WriteNeighbours() =>
        NeighbourFile.Write(
            _model,
            [
                Source("green/1.png", TinyClassifier.Png(0, 255, 0), "green"),
                Source("red/2.png", TinyClassifier.Png(200, 30, 0), "red"),
                Source("red/1.png", s_red, "red"),
            ]
        );

    private static NeighbourSource Source(string name, byte[] file, string label) =>
        new(new(name, _ => new(new MemoryStream(file))), [label]);

    // With the node of a novelty score that reads the features.
    private static byte[] Model()
    {
        OnnxModel model = TinyClassifier.Network();
        model.Graph.Initializer.Add(TensorValues.FromSingles("centres", [3, 1], [1, 0, 0]));
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "MatMul",
                Name = "products",
                Input = { "features", "centres" },
                Output = { FeatureNetwork.Products },
            }
        );
        model.SetMetadata(ModelCard.MetadataKey, TinyClassifier.Card(model).ToJson());
        return model.ToBytes();
    }
}
