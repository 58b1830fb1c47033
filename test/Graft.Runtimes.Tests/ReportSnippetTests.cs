using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Graft.Prediction;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Graft.Runtimes.Tests;

/// <summary>The programs of the report are run beside the model, with the picture that they name.</summary>
[Collection(RuntimesGroup.Name)]
public sealed class ReportSnippetTests(TrainedModel trained) : IDisposable
{
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        """;

    // Stands in where onnxruntime is not installed: it has the model's metadata, and keeps the tensor.
    private const string Stub = """
        import types

        import numpy as np


        class InferenceSession:
            def __init__(self, path):
                with open("card.json", encoding="utf-8") as file:
                    self.card = file.read()

            def get_modelmeta(self):
                return types.SimpleNamespace(custom_metadata_map={"graft.card": self.card})

            def run(self, names, feeds):
                assert names == ["probabilities"]
                assert feeds["image"].dtype == np.float32
                feeds["image"].astype(np.uint8).tofile("image.tensor")
                return [np.array([[0.125, 0.625, 0.25]], np.float32)]
        """;

    private readonly TemporaryFolder _folder = new();

    private ImagePrediction Expected => trained.Answers[0];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_program_for_Csharp_gives_Grafts_answer()
    {
        CopyInputs();
        string program = Compile(ReportSnippet.Of(trained, "C#"));
        try
        {
            string name = typeof(ReportSnippetTests).Assembly.GetName().Name!;
            string output = await Programs.RunAsync(
                _folder.Root,
                "dotnet",
                "exec",
                "--runtimeconfig",
                Path.Combine(AppContext.BaseDirectory, name + ".runtimeconfig.json"),
                "--depsfile",
                Path.Combine(AppContext.BaseDirectory, name + ".deps.json"),
                program
            );

            Assert.StartsWith($"{Expected.Label}: ", output, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(program);
        }
    }

    [Fact]
    public async Task The_request_over_HTTP_gets_Grafts_answer()
    {
        CopyInputs();
        string shell = RequiredTool.Find("bash");
        RequiredTool.Find("curl");
        ProcessStartInfo start = new("dotnet", [trained.Command, "serve", trained.Model, "--port", "0", "--no-page"])
        {
            RedirectStandardError = true,
        };
        using Process server = Process.Start(start)!;
        try
        {
            string address = await AddressAsync(server);
            string request = ReportSnippet.Of(trained, "HTTP");
            Assert.Contains("http://127.0.0.1:8080/", request, StringComparison.Ordinal);

            string output = await Programs.RunAsync(
                _folder.Root,
                shell,
                "-c",
                request.Replace("http://127.0.0.1:8080", address, StringComparison.Ordinal)
            );

            using JsonDocument answer = JsonDocument.Parse(output);
            JsonElement prediction = answer.RootElement.GetProperty("predictions")[0];
            Assert.Equal(Expected.Label, prediction.GetProperty("label").GetString());
            Assert.Equal(Expected.Probability, prediction.GetProperty("probability").GetDouble(), tolerance: 1e-3);
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task The_program_for_Node_gives_Grafts_answer()
    {
        CopyInputs();
        string node = RequiredTool.Find("node");
        Programs.LinkPackages(_folder.Root);
        string program = _folder.Write("predict.mjs", ReportSnippet.Of(trained, "Node"));

        AssertSame(await Programs.RunAsync(_folder.Root, node, program));
    }

    [Fact]
    public async Task The_program_for_Python_gives_Grafts_answer()
    {
        string? python = await Python.WithAsync("onnxruntime, numpy, PIL");
        Assert.SkipWhen(python is null, "no Python with onnxruntime");
        CopyInputs();
        string program = _folder.Write("predict.py", ReportSnippet.Of(trained, "Python"));

        AssertSame(await Programs.RunAsync(_folder.Root, python!, program));
    }

    [Fact]
    public async Task The_program_for_Python_makes_Grafts_tensor_and_prints_the_classes_by_probability()
    {
        string python = await Python.WithAsync("numpy, PIL") ?? throw RequiredTool.Missing("no Python with Pillow");
        CopyInputs();
        string program = _folder.Write("predict.py", ReportSnippet.Of(trained, "Python"));
        _folder.Write("onnxruntime.py", Stub);
        _folder.Write("card.json", trained.Card.ToJson());

        string output = await Programs.RunAsync(_folder.Root, python, program);

        IReadOnlyList<string> labels = trained.Card.Labels;
        Assert.Equal($"0.625 {labels[1]}\n0.250 {labels[2]}\n0.125 {labels[0]}", output.Trim());
        byte[] made = File.ReadAllBytes(Path.Combine(_folder.Root, "image.tensor"));
        byte[] expected = trained.Tensor(trained.Pictures[0]);
        Assert.Equal(expected.Length, made.Length);
        // decoders of JPEG differ by a level here and there
        Assert.InRange(expected.Zip(made, (a, b) => Math.Abs(a - b)).Average(), 0, 0.5);
    }

    private void CopyInputs()
    {
        File.Copy(trained.Model, Path.Combine(_folder.Root, "model.onnx"));
        File.Copy(trained.Pictures[0], Path.Combine(_folder.Root, "picture.jpg"));
    }

    // Lines of a probability and a class, the most probable first.
    private void AssertSame(string output)
    {
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Expected.Scores.Count, lines.Length);
        Assert.All(lines.Zip(Expected.Scores), pair =>
        {
            Assert.EndsWith($" {pair.Second.Label}", pair.First, StringComparison.Ordinal);
            double found = double.Parse(pair.First.Split(' ')[0], CultureInfo.InvariantCulture);
            Assert.Equal(pair.Second.Probability, found, tolerance: 0.01); // decoders of JPEG differ
        });
    }

    // Beside the tests, where Graft and its native libraries are.
    private static string Compile(string text)
    {
        string[] platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        CSharpCompilation compilation = CSharpCompilation.Create(
            $"report-{Guid.NewGuid():N}",
            [CSharpSyntaxTree.ParseText(ImplicitUsings), CSharpSyntaxTree.ParseText(text)],
            platform.Select(path => MetadataReference.CreateFromFile(path)),
            new(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable)
        );
        string path = Path.Combine(AppContext.BaseDirectory, compilation.AssemblyName + ".dll");
        Assert.Empty(compilation.Emit(path).Diagnostics.Where(one => one.Severity == DiagnosticSeverity.Error));
        return path;
    }

    private static async Task<string> AddressAsync(Process server)
    {
        while (await server.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is string line)
        {
            if (line.StartsWith("Serving on ", StringComparison.Ordinal))
            {
                return line["Serving on ".Length..].Split(';')[0];
            }
        }

        throw new InvalidOperationException("the server ended before it listened");
    }
}
