using System.Runtime.InteropServices;

namespace Graft.Packages.Tests;

/// <summary>Programs that lack a package of native libraries say which one.</summary>
[Collection(nameof(Feed))]
public sealed class MissingNativesTests(Feed feed)
{
    private const string Predicting = """
        using Graft;
        using Graft.Prediction;

        try
        {
            using Predictor predictor = Predictor.Load(args[0]);
            Console.WriteLine(predictor.Predict(args[1]).Label);
        }
        catch (GraftException error)
        {
            Console.WriteLine(error.Message);
        }
        """;

    private const string Training = """
        using Graft;
        using Graft.Training;

        try
        {
            Trainer.Train(args[0], "run", new() { Effort = Effort.Quick, Cache = new() { Folder = args[1] } });
        }
        catch (GraftException error)
        {
            Console.WriteLine(error.Message);
        }
        """;

    [Fact]
    public async Task Without_ONNX_Runtime_a_prediction_names_its_package()
    {
        string output = await PredictAsync("no-runtime", FreshProject.WithVersion("Microsoft.ML.OnnxRuntime"));

        Assert.Equal(
            "'ONNX Runtime' cannot be loaded: its native library is not beside the program; add the package "
                + "Microsoft.ML.OnnxRuntime",
            output.Trim()
        );
    }

    [Fact]
    public async Task Without_libvips_a_prediction_names_its_package()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64, "Linux");
        Assert.SkipWhen(NativeLibrary.TryLoad("libvips.so.42", out _), "this machine has libvips itself");
        string[] native = FreshProject.WithVersion("NetVips.Native").Split(' ');

        string output = await PredictAsync("no-vips", $"{native[0]}.linux-x64 {native[1]}");

        Assert.Equal(
            "'libvips' cannot be loaded: its native library is not beside the program; add the package NetVips.Native, "
                + "or install libvips 8.15 or newer",
            output.Trim()
        );
    }

    [Fact]
    public async Task Without_libtorch_a_training_names_its_package_and_leaves_no_run_behind()
    {
        string folder = FreshProject.Write(feed, "no-torch", "Microsoft.NET.Sdk", ["Graft.Training"], Training);
        string images = Path.Combine(folder, "images");
        foreach ((string name, byte red) in (ReadOnlySpan<(string, byte)>)[("dark", 20), ("light", 200)])
        {
            Directory.CreateDirectory(Path.Combine(images, name));
            for (byte i = 0; i < 8; i++)
            {
                File.WriteAllBytes(
                    Path.Combine(images, name, $"{i}.png"),
                    TinyClassifier.Png((byte)(red + (4 * i)), (byte)(9 * i), red)
                );
            }
        }

        string output = await FreshProject.RunAsync(folder, images, Path.Combine(folder, "cache"));

        // TorchSharp itself prints where it has looked
        Assert.EndsWith(
            "'TorchSharp' cannot be loaded: the native library libtorch is not beside the program; add the package "
                + "TorchSharp-cpu",
            output.Trim(),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(nameof(TypeInitializationException), output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder, "run")));
    }

    private async Task<string> PredictAsync(string name, string missing)
    {
        string folder = FreshProject.Write(
            feed,
            name,
            "Microsoft.NET.Sdk",
            ["Graft", $"{missing} without"],
            Predicting
        );
        string model = Path.Combine(folder, "m.onnx");
        string image = Path.Combine(folder, "red.png");
        File.WriteAllBytes(model, TinyClassifier.Model());
        File.WriteAllBytes(image, TinyClassifier.Png(255, 0, 0));
        return await FreshProject.RunAsync(folder, model, image);
    }
}
