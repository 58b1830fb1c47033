namespace Graft.Packages.Tests;

/// <summary>Fresh projects outside the repository that use the packages of this build.</summary>
[Collection(nameof(Feed))]
public sealed class PackageUseTests(Feed feed)
{
    [Fact]
    public async Task A_program_that_predicts_needs_the_package_Graft_alone()
    {
        string folder = Project(
            "predict",
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

        string output = await FreshProject.RunAsync(folder, model, image);

        Assert.Equal("red", output.Trim());
    }

    [Fact]
    public async Task A_single_file_is_a_program_that_predicts()
    {
        string folder = Directory.CreateDirectory(Path.Combine(feed.Root, "single")).FullName;
        string sample = Path.Combine(Feed.Repository, "samples", "SingleFile", "predict.cs");
        File.Copy(sample, Path.Combine(folder, "predict.cs"));
        string model = Path.Combine(folder, "m.onnx");
        string image = Path.Combine(folder, "red.png");
        File.WriteAllBytes(model, TinyClassifier.Model());
        File.WriteAllBytes(image, TinyClassifier.Png(255, 0, 0));

        string output = await Feed.DotnetAsync(folder, "run", "predict.cs", "--", model, image);

        Assert.Contains($"{image}: red", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_trains_finds_libtorch_and_the_weights_of_a_package()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "libtorch of the build is that of this platform");
        string folder = Project(
            "train",
            "Microsoft.NET.Sdk",
            ["Graft.Training", "Graft.Weights.SqueezeNet", "libtorch-cpu-linux-x64 2.10.0"],
            """
            using Graft.Training;

            TrainingResult result = Trainer.Train(
                args[0],
                "run",
                new() { Body = BodySource.Named("squeezenet1_1"), Effort = Effort.Quick }
            );
            Console.WriteLine($"{Path.GetFileName(result.ModelPath)} {result.Evaluation.Accuracy > 0.5}");
            """
        );

        string output = await FreshProject.RunAsync(folder, Parts(folder));

        Assert.Contains("model.onnx True", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_of_ML_NET_loads_a_model_that_another_process_has_trained()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "libtorch of the build is that of this platform");
        string folder = Project(
            "mlnet",
            "Microsoft.NET.Sdk",
            ["Graft.ML", "libtorch-cpu-linux-x64 2.10.0"],
            """
            using Graft.ML;
            using Graft.Training;
            using Microsoft.ML;
            using Microsoft.ML.Data;

            MLContext context = new();
            IDataView photos = context.Data.LoadFromEnumerable(
                Directory
                    .EnumerateFiles(args[0], "*", SearchOption.AllDirectories)
                    .Select(path => new Photo { Path = path, Name = Path.GetFileName(Path.GetDirectoryName(path)!) })
            );
            if (args[1] == "predict")
            {
                IDataView scored = context.Model.Load("model.zip", out _).Transform(photos);
                string[] answers = [.. scored.GetColumn<string>("PredictedLabel")];
                int right = answers.Zip(scored.GetColumn<string>("Name")).Count(pair => pair.First == pair.Second);
                Console.WriteLine($"right: {(double)right / answers.Length > 0.5}");
                return;
            }

            TrainingOptions quick = new() { Effort = Effort.Quick, TestShare = 0.05 };
            ITransformer model = context
                .Transforms.Conversion.MapValueToKey("Label", "Name")
                .Append(
                    context.MulticlassClassification.Trainers.Graft(
                        new GraftOptions { FeatureColumnName = "Path", Training = quick }
                    )
                )
                .Append(context.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
                .Fit(photos);
            context.Model.Save(model, photos.Schema, "model.zip");

            class Photo
            {
                public string Path { get; set; } = "";

                public string Name { get; set; } = "";
            }
            """
        );
        string images = Parts(folder);
        await FreshProject.RunAsync(folder, images, "train");

        string output = await FreshProject.RunAsync(folder, images, "predict");

        Assert.Contains("right: True", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_web_program_serves_a_model_without_TorchSharp()
    {
        string folder = Project(
            "web",
            "Microsoft.NET.Sdk.Web",
            ["Graft.AspNetCore"],
            """
            using Graft.AspNetCore;

            WebApplicationBuilder builder = WebApplication.CreateBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Services.AddGraftPredictor(args[0]);
            WebApplication app = builder.Build();
            app.MapGraft();
            await app.StartAsync();
            using HttpClient client = new();
            Console.WriteLine(await client.GetStringAsync(app.Urls.First() + "/models"));
            """
        );
        string model = Path.Combine(folder, "m.onnx");
        File.WriteAllBytes(model, TinyClassifier.Model());

        string output = await FreshProject.RunAsync(folder, model);

        Assert.Contains("\"labels\":[\"red\",\"green\",\"blue\"]", output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(FreshProject.Output(folder), "*orch*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_test_of_xunit_predicts()
    {
        string folder = Project(
            "tests",
            "Microsoft.NET.Sdk",
            ["Graft", FreshProject.WithVersion("xunit.v3")],
            """
            using Graft.Prediction;
            using Xunit;

            public sealed class ModelTests
            {
                [Fact]
                public void A_red_picture_is_red()
                {
                    using Predictor predictor = Predictor.Load("m.onnx");

                    Assert.Equal("red", predictor.Predict("red.png").Label);
                }
            }
            """
        );
        string beside = Directory.CreateDirectory(FreshProject.Output(folder)).FullName; // where xunit runs it
        File.WriteAllBytes(Path.Combine(beside, "m.onnx"), TinyClassifier.Model());
        File.WriteAllBytes(Path.Combine(beside, "red.png"), TinyClassifier.Png(255, 0, 0));

        string output = await FreshProject.RunAsync(folder);

        Assert.Matches(@"(?i)total: *1\b", output);
        Assert.Matches(@"(?i)failed: *0\b", output);
    }

    [Fact]
    public async Task The_template_makes_a_program_that_trains()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "libtorch of the build is that of this platform");
        string hive = Path.Combine(feed.Root, "hive");
        string folder = Path.Combine(feed.Root, "Flowers");
        string template = Path.Combine(feed.Packages, $"Graft.Templates.{Feed.Version}.nupkg");
        await Feed.DotnetAsync(feed.Root, "new", "install", template, "--debug:custom-hive", hive);
        await Feed.DotnetAsync(
            feed.Root,
            "new",
            "graft-console",
            "-o",
            folder,
            "--effort",
            "Quick",
            "--debug:custom-hive",
            hive,
            "--no-update-check"
        );

        string output = await FreshProject.RunAsync(folder, Parts(folder));

        Assert.Contains("on new images", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_web_template_makes_a_program_that_answers_images()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        string hive = Path.Combine(feed.Root, "web-hive");
        string folder = Path.Combine(feed.Root, "FlowerServer");
        string template = Path.Combine(feed.Packages, $"Graft.Templates.{Feed.Version}.nupkg");
        string model = Path.Combine(feed.Root, "colours.onnx");
        File.WriteAllBytes(model, TinyClassifier.Model());
        string[] create = ["new", "graft-web", "-o", folder, "--debug:custom-hive", hive];
        await Feed.DotnetAsync(feed.Root, "new", "install", template, "--debug:custom-hive", hive);
        await Feed.DotnetAsync(feed.Root, [.. create, "--no-update-check"]);
        await Feed.DotnetAsync(folder, "build", "-o", FreshProject.Output(folder), "-nologo", "-v:quiet");

        string program = Path.Combine(FreshProject.Output(folder), "FlowerServer.dll");
        string[] settings = ["--Model", model, "--Urls", "http://127.0.0.1:0"];
        await using WebProcess process = await WebProcess.StartAsync(folder, [program, .. settings], cancel);
        using ByteArrayContent image = new(TinyClassifier.Png(255, 0, 0));
        image.Headers.ContentType = new("image/png");
        HttpResponseMessage answer = await process.Client.PostAsync("/predict", image, cancel);

        Assert.Contains("\"label\":\"red\"", await answer.Content.ReadAsStringAsync(cancel), StringComparison.Ordinal);
        string description = await process.Client.GetStringAsync("/openapi.json", cancel);
        Assert.Contains("/explain", description, StringComparison.Ordinal);
        Assert.Contains("page.js", await process.Client.GetStringAsync("/", cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tool_is_installed_as_graft_and_trains()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "libtorch of the build is that of this platform");
        string folder = Directory.CreateDirectory(Path.Combine(feed.Root, "empty")).FullName;
        // packing restores for other platforms, which must not disturb those who run the command at the same time
        string source = await feed.CopySourceAsync();
        await Feed.DotnetAsync(
            source,
            "pack",
            "src/Graft.Cli",
            "-c",
            "Release",
            "-p:ToolPackageRuntimeIdentifiers=linux-x64",
            "-p:PublishReadyToRun=false", // takes minutes
            "-p:RunAnalyzers=false",
            "-o",
            feed.Packages,
            "-nologo",
            "-v:quiet"
        );
        string tools = Path.Combine(feed.Root, "tools");
        string[] install = ["tool", "install", "Graft.Cli", "--version", Feed.Version, "--tool-path", tools];
        await Feed.DotnetAsync(feed.Root, install);

        string graft = Path.Combine(tools, "graft");
        string[] train = ["train", Parts(folder), "--effort", "quick", "--out", "run"];
        string output = await Program.RunAsync(folder, graft, train);

        Assert.Contains("Next:     graft predict", output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder, "run", "model.onnx")));
    }

    // 14 images of three classes.
    private static string Parts(string folder)
    {
        foreach (string name in (string[])["bolt", "gear", "nut"])
        {
            string to = Directory.CreateDirectory(Path.Combine(folder, "images", name)).FullName;
            foreach (
                string file in Directory
                    .EnumerateFiles(Path.Combine(Feed.Repository, "samples", "parts", name))
                    .Order(StringComparer.Ordinal)
                    .Take(14)
            )
            {
                File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
            }
        }

        return Path.Combine(folder, "images");
    }

    private string Project(string name, string sdk, string[] packages, string program) =>
        FreshProject.Write(feed, name, sdk, packages, program);
}
