using Graft.Tests;

namespace Graft.Samples.Tests;

/// <summary>The programs that the documents show, each run on a part of samples/parts.</summary>
public sealed class SampleTests : IDisposable
{
    private const int ImagesOfAClass = 14;
    private static readonly string[] Classes = ["bolt", "gear", "nut"];

    private readonly TemporaryFolder _folder = new();
    private readonly string _images;
    private readonly string _run;

    public SampleTests()
    {
        _images = Path.Combine(_folder.Root, "images");
        _run = Path.Combine(_folder.Root, "run");
        foreach (string name in Classes)
        {
            Directory.CreateDirectory(Path.Combine(_images, name));
            string source = Path.Combine(SampleProgram.Folder, "parts", name);
            foreach (string file in Directory.EnumerateFiles(source).Order().Take(ImagesOfAClass))
            {
                File.Copy(file, Path.Combine(_images, name, Path.GetFileName(file)));
            }
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Train_and_predict_names_the_class_of_a_picture()
    {
        string picture = Directory.EnumerateFiles(Path.Combine(_images, "gear")).Order().First();

        string output = await SampleProgram.RunAsync("TrainAndPredict", _images, _run, picture);

        Assert.Contains("gear ", output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_run, "model.onnx")));
    }

    [Fact]
    public async Task Train_from_a_database_reads_every_blob()
    {
        string output = await SampleProgram.RunAsync("TrainFromDatabase", _images, _run);

        Assert.Contains($"{Classes.Length * ImagesOfAClass} pictures, ", output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_run, "run", "model.onnx")));
    }

    [Fact]
    public async Task Own_progress_shows_phases_and_epochs_in_order()
    {
        string output = await SampleProgram.RunAsync("OwnProgress", _images, _run);

        string[] marks = ["begins: read", "ended: extract", "begins: probe", "epoch 1: ", "ended: evaluate", "done: "];
        int[] places = [.. marks.Select(mark => output.IndexOf(mark, StringComparison.Ordinal))];
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
    }

    [Fact]
    public async Task Fine_tuning_settings_are_used()
    {
        string output = await SampleProgram.RunAsync("FineTuningSettings", _images, _run);

        Assert.Contains("shipped: ", output, StringComparison.Ordinal);
        Assert.Contains("\"seed\": 7", await Options(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_own_network_is_the_body()
    {
        string network = Path.Combine(_folder.Root, "network.onnx");
        OwnNetwork.Write(network);

        string output = await SampleProgram.RunAsync("OwnOnnxNetwork", network, _images, _run);

        Assert.Contains("model.onnx", output, StringComparison.Ordinal);
        Assert.Contains("network.onnx", await Options(), StringComparison.Ordinal);
    }

    private Task<string> Options() =>
        File.ReadAllTextAsync(Path.Combine(_run, "options.json"), TestContext.Current.CancellationToken);
}
