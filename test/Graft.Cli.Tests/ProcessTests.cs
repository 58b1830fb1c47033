using System.Text.Json;

namespace Graft.Cli.Tests;

/// <summary>The program as a process of its own.</summary>
public sealed class ProcessTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_exit_code_and_the_error_reach_the_caller()
    {
        Outcome outcome = await Run(AppContext.BaseDirectory, "trian");

        Assert.Equal((ExitCode.BadUsage, ""), (outcome.Code, outcome.Output));
        Assert.StartsWith("graft: 'trian' is no verb", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Piped_output_is_utf8_without_mark_and_escapes()
    {
        string model = _folder.Write("model.onnx", TinyClassifier.Model());
        string image = _folder.Write("Blüte-花.png", TinyClassifier.Png(255, 0, 0));

        Outcome outcome = await Run(AppContext.BaseDirectory, "predict", model, image);

        Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error));
        Assert.StartsWith("image", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("Blüte-花.png", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', outcome.Output);
    }

    // In a folder without TorchSharp and libtorch: whatever touched them would not start.
    [Fact]
    public async Task Predicting_evaluating_and_help_work_where_there_is_no_TorchSharp()
    {
        string program = Directory.CreateDirectory(Path.Combine(_folder.Root, "program")).FullName;
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory).Where(IsNeeded))
        {
            File.Copy(file, Path.Combine(program, Path.GetFileName(file)));
        }

        string model = _folder.Write("model.onnx", TinyClassifier.Model());
        string image = _folder.Write("data/red/a.png", TinyClassifier.Png(255, 0, 0));

        Outcome predicted = await Run(program, "predict", model, image, "--json");
        Outcome evaluated = await Run(program, "evaluate", model, Path.Combine(_folder.Root, "data"), "--json");
        Outcome help = await Run(program, "train", "--help");

        Assert.Equal((ExitCode.Done, ""), (predicted.Code, predicted.Error));
        Assert.Equal("red", JsonDocument.Parse(predicted.Output).RootElement[0].GetProperty("label").GetString());
        Assert.Equal((ExitCode.Done, ""), (evaluated.Code, evaluated.Error));
        Assert.Equal((ExitCode.Done, ""), (help.Code, help.Error));
    }

    [Theory]
    [InlineData("onnxruntime", "add the package Microsoft.ML.OnnxRuntime")]
    [InlineData("vips", "add the package NetVips.Native")]
    public async Task A_missing_native_library_is_one_line_that_names_its_package(string library, string wayOut)
    {
        string program = Directory.CreateDirectory(Path.Combine(_folder.Root, "program")).FullName;
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory).Where(IsNeeded))
        {
            if (!Path.GetFileName(file).Contains($"lib{library}", StringComparison.Ordinal))
            {
                File.Copy(file, Path.Combine(program, Path.GetFileName(file)));
            }
        }

        string model = _folder.Write("model.onnx", TinyClassifier.Model());
        string image = _folder.Write("a.png", TinyClassifier.Png(255, 0, 0));

        Outcome outcome = await Run(program, "predict", model, image);

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.Contains(wayOut, Assert.Single(outcome.ErrorLines), StringComparison.Ordinal);
    }

    private static bool IsNeeded(string path)
    {
        string name = Path.GetFileName(path);
        string[] left = ["torch", "c10", "xunit", "gomp", "nnapi", "aoti", "backend_with", "shm", "deps.json"];
        return !left.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase));
    }

    private static Task<Outcome> Run(string folder, params string[] args) => CliProcess.Run(folder, args, s_patience);
}
