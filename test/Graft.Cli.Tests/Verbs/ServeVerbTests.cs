using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Graft.Cli.Tests.Verbs;

public sealed partial class ServeVerbTests : IDisposable
{
    private const string Key = "a key of some length";

    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public ServeVerbTests() => _model = _folder.Write("colours.onnx", TinyClassifier.Model());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("'--host' cannot be '0.0.0.0' without '--api-key'", "--host", "0.0.0.0")]
    [InlineData("'--host' cannot be 'everywhere'", "--host", "everywhere")]
    [InlineData("'--port' cannot be 70000", "--port", "70000")]
    [InlineData("'--api-key' cannot be used: it must have at least 16 characters", "--api-key", "short")]
    [InlineData("'--workers' cannot be -1", "--workers", "-1")]
    [InlineData("'--batch-size' cannot be 0", "--batch-size", "0")]
    [InlineData("'--queue' cannot be 0", "--queue", "0")]
    [InlineData("'--images' cannot be 0", "--images", "0")]
    [InlineData("'--request-bytes' cannot be 1", "--request-bytes", "1")]
    [InlineData("'--timeout' cannot be 0.5s", "--timeout", "0.5s")]
    [InlineData("'--requests-per-second' cannot be 0", "--requests-per-second", "0")]
    public void An_option_out_of_its_range_is_bad_usage(string expected, params string[] options)
    {
        Outcome outcome = Cli.Run(["serve", _model, .. options]);

        Assert.Equal(ExitCode.BadUsage, outcome.Code);
        Assert.StartsWith($"graft: {expected}", outcome.ErrorLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_model_is_bad_input()
    {
        Outcome outcome = Cli.Run("serve", _folder.Write("no.onnx", "no model"), "--port", "0");

        Assert.Equal(ExitCode.BadInput, outcome.Code);
        Assert.Contains("no.onnx", Assert.Single(outcome.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Named_models_are_served_with_a_description_until_the_command_is_cancelled()
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using LineWriter error = new();
        using StringWriter output = new();
        using Terminal terminal = new(output, error);
        Task<int> serving = Task.Run(
            () =>
                CommandLine.Run(
                    ["serve", $"first={_model}", $"second={_model}", "--port", "0", "--api-key", Key, "--json"],
                    terminal,
                    stop.Token
                ),
            Cancel
        );
        using HttpClient client = new() { BaseAddress = new(await error.AddressAsync(Cancel)) };

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/models", Cancel)).StatusCode);
        client.DefaultRequestHeaders.Add("X-Api-Key", Key);
        using JsonDocument answer = JsonDocument.Parse(
            await (
                await client.PostAsync("/models/second/predict", Image(TinyClassifier.Png(255, 0, 0)), Cancel)
            ).Content.ReadAsStringAsync(Cancel)
        );
        using JsonDocument description = JsonDocument.Parse(await client.GetStringAsync("/openapi.json", Cancel));
        await stop.CancelAsync();

        Assert.Equal(ExitCode.Done, await serving);
        Assert.Equal("red", answer.RootElement.GetProperty("predictions")[0].GetProperty("label").GetString());
        JsonElement paths = description.RootElement.GetProperty("paths");
        Assert.True(paths.TryGetProperty("/predict", out JsonElement predict));
        Assert.True(predict.GetProperty("post").GetProperty("responses").TryGetProperty("422", out _));
        JsonElement explained = paths
            .GetProperty("/models/{name}/explain")
            .GetProperty("post")
            .GetProperty("responses");
        Assert.True(explained.TryGetProperty("501", out _));
        Assert.Equal(
            ["application/json", "image/png"],
            explained.GetProperty("200").GetProperty("content").EnumerateObject().Select(one => one.Name).Order()
        );
        Assert.Contains("first: 3 classes", error.ToString(), StringComparison.Ordinal);
        using JsonDocument served = JsonDocument.Parse(output.ToString());
        Assert.StartsWith(
            served.RootElement.GetProperty("address").GetString()!,
            client.BaseAddress.ToString(),
            StringComparison.Ordinal
        );
        Assert.Equal(
            ["first", "second"],
            served.RootElement.GetProperty("models").EnumerateArray().Select(one => one.GetProperty("name").GetString())
        );
    }

    private static ByteArrayContent Image(byte[] bytes)
    {
        ByteArrayContent content = new(bytes);
        content.Headers.ContentType = new("image/png");
        return content;
    }

    // Standard error that tells where the server listens.
    private sealed partial class LineWriter : StringWriter
    {
        private readonly TaskCompletionSource<string> _address = new(
            TaskCreationOptions.RunContinuationsAsynchronously
        );

        public Task<string> AddressAsync(CancellationToken cancel) =>
            _address.Task.WaitAsync(TimeSpan.FromSeconds(60), cancel);

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (Address().Match(value ?? "") is { Success: true } match)
            {
                _address.TrySetResult(match.Value);
            }
        }

        [GeneratedRegex(@"http://[\d.:]+")]
        private static partial Regex Address();
    }
}
