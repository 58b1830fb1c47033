using System.Diagnostics;
using System.Text.Json;

namespace Graft.Cli.Tests.Kubernetes;

/// <summary>deploy/kubernetes, checked against the schemas of Kubernetes' API and the options of the command.</summary>
public sealed class ManifestTests : IDisposable
{
    private static readonly string s_manifests = Path.Combine(SharedData.Root, "deploy", "kubernetes");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("extract.yaml", "graft-extract")]
    [InlineData("merge.yaml", "graft-merge")]
    [InlineData("jobset.yaml", "extract", "merge")]
    public async Task Jobs_fit_the_schemas_and_their_arguments_fit_the_command(string file, params string[] jobs)
    {
        Answer answer = await Check(Path.Combine(s_manifests, file));

        Assert.Equal("", answer.Errors);
        JsonElement[] found = [.. answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];
        Assert.Equal(jobs, found.Select(job => job.GetProperty("name").GetString()));
        foreach (JsonElement job in found)
        {
            string[] words = [.. job.GetProperty("args").EnumerateArray().Select(word => word.GetString()!)];
            Assert.Null(UsageProblem.Find(CommandLine.Root().Parse(words)));
            if (words.IndexOf("--shards") is int at and >= 0)
            {
                Assert.Equal(words[at + 1], job.GetProperty("completions").GetRawText());
            }
        }
    }

    [Theory]
    [InlineData("completionMode:", "completionModus:", "the API has no field /spec/completionModus")]
    [InlineData("completions: 8", "completions: '8'", "data/spec/completions must be integer")]
    [InlineData("mountPath:", "mountpath:", "must have required property mountPath")]
    [InlineData("batch/v1", "batch/v0", "no schema for batch/v0 Job")]
    public async Task A_manifest_with_a_fault_is_refused_by_its_reason(string right, string wrong, string reason)
    {
        string text = await File.ReadAllTextAsync(
            Path.Combine(s_manifests, "extract.yaml"),
            TestContext.Current.CancellationToken
        );
        Assert.Contains(right, text, StringComparison.Ordinal);

        Answer answer = await Check(_folder.Write("wrong.yaml", text.Replace(right, wrong, StringComparison.Ordinal)));

        Assert.Equal(1, answer.Code);
        Assert.Contains(reason, answer.Errors, StringComparison.Ordinal);
    }

    private static JsonElement Parse(string line) => JsonDocument.Parse(line).RootElement;

    private static async Task<Answer> Check(string manifest)
    {
        string node = RequiredTool.Find("node");
        string check = Path.Combine(s_manifests, "check");
        RequiredTool.Require(Path.Combine(check, "node_modules"), $"run 'npm ci --ignore-scripts' in {check}");
        ProcessStartInfo start = new(node, ["check.mjs", manifest])
        {
            WorkingDirectory = check,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new(process.ExitCode, output, await errors);
    }

    private sealed record Answer(int Code, string Output, string Errors);
}
