using System.Text.Json;

namespace Graft.Cli.Tests.Verbs;

[Collection(nameof(UserFolder))]
public sealed class BodiesAndCutsTests : IDisposable
{
    private const long Vgg16Parameters = 138_357_544; // torchvision's

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_bodies_are_listed_with_the_one_that_needs_no_file()
    {
        Outcome outcome = Cli.Run("bodies");

        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        Assert.Matches(
            @"\ntf_efficientnet_lite0 +4,652,008 +\d+ M +1,280 +224 x 224 +here +Apache-2\.0\n",
            outcome.Output
        );
        Assert.Matches($@"\nvgg16 +{Vgg16Parameters:N0} +15,470 M +512 +224 x 224 +here +CC BY 4.0\n", outcome.Output);
        Assert.Matches(@"\nvgg19 .* pull ", outcome.Output);
        Assert.Matches(@"\nmobilenet_v1_050 .* add ", outcome.Output);
        Assert.Equal(outcome.Output, Cli.Run("bodies", "list").Output);
    }

    [Fact]
    public void The_bodies_as_json_have_names_and_sizes()
    {
        JsonElement vgg = JsonDocument
            .Parse(Cli.Run("bodies", "--json").Output)
            .RootElement.EnumerateArray()
            .Single(body => body.GetProperty("name").GetString() == "vgg16");

        Assert.Equal(
            (Vgg16Parameters, 224),
            (vgg.GetProperty("parameters").GetInt64(), vgg.GetProperty("inputSize").GetInt32())
        );
    }

    [Fact]
    public void The_cuts_of_a_named_body_go_from_all_to_nothing()
    {
        Outcome outcome = Cli.Run("cuts", "squeezenet1_1", "--json");

        JsonElement json = JsonDocument.Parse(outcome.Output).RootElement;
        JsonElement[] cuts = [.. json.GetProperty("cuts").EnumerateArray()];
        Assert.Equal(1, cuts[0].GetProperty("shareAfter").GetDouble());
        Assert.Equal(0, cuts[^1].GetProperty("shareAfter").GetDouble());
        Assert.Equal(2 * 3 * 224 * 224, cuts[0].GetProperty("cacheBytes").GetInt64());
        Assert.All(cuts, cut =>
            Assert.Equal(
                1_235_496,
                cut.GetProperty("parametersBefore").GetInt64() + cut.GetProperty("parametersAfter").GetInt64()
            )
        );
        Assert.Contains(
            json.GetProperty("features").GetString(),
            cuts.Select(cut => cut.GetProperty("edge").GetString())
        );
    }

    [Fact]
    public void The_cuts_of_a_file_are_a_table()
    {
        string path = _folder.Write("tiny.onnx", TinyClassifier.Network().ToBytes());

        Outcome outcome = Cli.Run("cuts", path);

        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        Assert.StartsWith($"{path}, input 3 x 24 x 32: 7 cut points\n", outcome.Output, StringComparison.Ordinal);
        Assert.Matches(@"\npooled +GlobalAveragePool +3 x 1 x 1 +1 +9 ", outcome.Output);
    }

    [Fact]
    public void A_file_that_is_no_network_is_bad_input()
    {
        Outcome outcome = Cli.Run("cuts", _folder.Write("bad.onnx", "text"));

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.Single(outcome.ErrorLines);
    }
}
