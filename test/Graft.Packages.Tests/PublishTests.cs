namespace Graft.Packages.Tests;

/// <summary>A program that predicts, published without the .NET runtime.</summary>
[Collection(nameof(Feed))]
public sealed class PublishTests(Feed feed)
{
    private static readonly string[] s_compilers = ["clang", "gcc"];

    [Fact]
    public async Task A_program_that_predicts_is_compiled_ahead_of_time_without_a_warning()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the linker of this platform is another one");
        string? compiler = Array.Find(s_compilers, IsInstalled);
        Assert.SkipWhen(compiler is null && Environment.GetEnvironmentVariable("CI") is null, "no clang and no gcc");
        Assert.NotNull(compiler);
        string folder = FreshProject.Write(
            feed,
            "ahead",
            "Microsoft.NET.Sdk",
            ["Graft"],
            """
            using Graft.Prediction;

            using Predictor predictor = Predictor.Load(args[0]);
            Console.WriteLine(predictor.Predict(args[1]).Label);
            """
        );
        string model = Path.Combine(folder, "m.onnx");
        string image = Path.Combine(folder, "red.png");
        File.WriteAllBytes(model, TinyClassifier.Model());
        File.WriteAllBytes(image, TinyClassifier.Png(255, 0, 0));

        string published = await Feed.DotnetAsync(
            folder,
            "publish",
            "-c",
            "Release",
            "--use-current-runtime",
            "-p:PublishAot=true",
            $"-p:CppCompilerAndLinker={compiler}",
            "-o",
            FreshProject.Output(folder),
            "-nologo",
            "-v:quiet"
        );
        string output = await Program.RunAsync(
            folder,
            Path.Combine(FreshProject.Output(folder), "ahead"),
            model,
            image
        );

        Assert.DoesNotContain("warning", published, StringComparison.Ordinal);
        Assert.Equal("red", output.Trim());
        Assert.Empty(Directory.EnumerateFiles(FreshProject.Output(folder), "*.dll"));
    }

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, program)));
}
