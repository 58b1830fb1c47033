using System.Text.Json;

namespace Graft.Cli.Tests;

/// <summary>A list of several labels an image, from a file of options to answers, with the real program.</summary>
public sealed class SeveralLabelsEndToEndTests : IDisposable
{
    private const int Images = 60;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5); // 15 s alone on two cores

    private readonly TemporaryFolder _folder = new();
    private readonly string _sample = Path.Combine(SharedData.Root, "samples", "assemblies");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_of_options_trains_and_its_run_repeats_evaluates_and_predicts()
    {
        string list = List();
        string yaml = Write("options.yaml", $"images: {list}\neffort: quick\nthreshold: 0.4\nthreads: 1\nviews: 0\n");
        string run = Path.Combine(_folder.Root, "run");
        string repeated = Path.Combine(_folder.Root, "repeated");

        Outcome trained = await Run("train", "--config", yaml, "--out", run, "--json");
        Outcome again = await Run(
            "train",
            "--config",
            Path.Combine(run, "options.json"),
            "--out",
            repeated,
            "--json",
            "--no-cache"
        );
        Outcome evaluated = await Run("evaluate", run, list, "--split", "test");
        Outcome compared = await Run("evaluate", run, list, "--split", "test", "--against", repeated, "--json");
        Outcome predicted = await Run("predict", run, Path.Combine(_sample, "images", "001.jpg"), "--json");

        Assert.Equal((ExitCode.Done, ExitCode.Done), (trained.Code, again.Code));
        JsonElement result = JsonDocument.Parse(trained.Output).RootElement;
        Assert.InRange(result.GetProperty("meanAveragePrecision").GetDouble(), 0.7, 1);
        Assert.Equal(0.4, result.GetProperty("classes")[0].GetProperty("threshold").GetDouble());
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(run, "model.onnx"), TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(Path.Combine(repeated, "model.onnx"), TestContext.Current.CancellationToken)
        );
        Assert.Equal(ExitCode.Done, evaluated.Code);
        Assert.Contains("Mean AP  ", evaluated.Output, StringComparison.Ordinal);
        Assert.Contains("given from", evaluated.Output, StringComparison.Ordinal);
        JsonElement against = JsonDocument.Parse(compared.Output).RootElement.GetProperty("against");
        Assert.Equal(1, against.GetProperty("pValue").GetDouble());
        Assert.True(against.TryGetProperty("exactMatch", out _));
        JsonElement answer = JsonDocument.Parse(predicted.Output).RootElement[0];
        Assert.Equal(JsonValueKind.Array, answer.GetProperty("labels").ValueKind);
        Assert.Equal(JsonValueKind.Array, answer.GetProperty("unsureLabels").ValueKind);
    }

    // The first images of the sample, by absolute paths.
    private string List()
    {
        string[] lines = File.ReadAllLines(Path.Combine(_sample, "labels.csv"));
        IEnumerable<string> rows = lines.Skip(1).Take(Images).Select(line => Path.Combine(_sample, line));
        return Write("labels.csv", string.Join('\n', rows.Prepend(lines[0])) + "\n");
    }

    private string Write(string name, string text) => _folder.Write(name, System.Text.Encoding.UTF8.GetBytes(text));

    private static Task<Outcome> Run(params string[] words) =>
        CliProcess.Run(AppContext.BaseDirectory, words, s_patience);
}
