using System.Diagnostics;
using System.Net;
using System.Runtime.CompilerServices;

namespace Graft.AspNetCore.Tests;

public sealed class SampleProgramTests
{
    [Fact]
    public async Task The_sample_answers_images_and_needs_no_TorchSharp()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        using TemporaryFolder folder = new();
        string program = ProgramPath();
        ProcessStartInfo start = new("dotnet", [program, folder.Write("m.onnx", TinyClassifier.Model())])
        {
            RedirectStandardOutput = true,
            Environment = { ["ASPNETCORE_URLS"] = "http://127.0.0.1:0" },
        };
        using Process process = Process.Start(start)!;
        try
        {
            using HttpClient client = new() { BaseAddress = await AddressAsync(process, cancel) };

            HttpResponseMessage response = await client.PostAsync(
                "/predict",
                TestServer.Image(TinyClassifier.Png(20, 30, 220)),
                cancel
            );

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Contains("\"blue\"", await response.Content.ReadAsStringAsync(cancel), StringComparison.Ordinal);
            Assert.Empty(Directory.EnumerateFiles(Path.GetDirectoryName(program)!, "*orch*"));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(cancel);
        }
    }

    private static async Task<Uri> AddressAsync(Process process, CancellationToken cancel)
    {
        const string Mark = "Now listening on: ";
        while (await process.StandardOutput.ReadLineAsync(cancel) is string line)
        {
            if (line.IndexOf(Mark, StringComparison.Ordinal) is >= 0 and int place)
            {
                return new(line[(place + Mark.Length)..]);
            }
        }

        throw new InvalidOperationException("the sample ended before it listened");
    }

    private static string ProgramPath([CallerFilePath] string thisFile = "")
    {
        DirectoryInfo output = new(AppContext.BaseDirectory);
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "../.."));
        return Path.Combine(root, "samples/ServeModel/bin", output.Parent!.Name, output.Name, "ServeModel.dll");
    }
}
