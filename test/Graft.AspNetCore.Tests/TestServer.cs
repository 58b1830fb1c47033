using System.Net.Http.Headers;
using System.Text.Json;
using Graft.Prediction;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Graft.AspNetCore.Tests;

/// <summary>A server on a free port of this machine, with the tiny classifier.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _program;
    private readonly TemporaryFolder _folder = new();

    private TestServer(
        EndpointOptions? options,
        ServedModelOptions? model,
        string prefix,
        byte[] file
    )
    {
        ModelPath = _folder.Write("colours.onnx", file);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddGraftPredictor(ModelPath, model);
        _program = builder.Build();
        _program.MapGraft(prefix, options);
    }

    public string ModelPath { get; }

    public HttpClient Client { get; } = new();

    public Uri Address { get; private set; } = null!;

    public ServedModels Models => _program.Services.GetRequiredService<ServedModels>();

    public static async Task<TestServer> StartAsync(
        EndpointOptions? options = null,
        ServedModelOptions? model = null,
        string prefix = "",
        Func<ModelCard, ModelCard>? card = null,
        byte[]? file = null
    )
    {
        TestServer server = new(options, model, prefix, file ?? TinyClassifier.Model(card));
        await server._program.StartAsync(TestContext.Current.CancellationToken);
        server.Address = new(server._program.Urls.Single());
        server.Client.BaseAddress = server.Address;
        return server;
    }

    public static ByteArrayContent Image(byte[] bytes, string type = "image/png")
    {
        ByteArrayContent content = new(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return content;
    }

    public Task<HttpResponseMessage> PostAsync(HttpContent content, string path = "/predict") =>
        Client.PostAsync(path, content, TestContext.Current.CancellationToken);

    /// <summary>The status and the JSON of an answer.</summary>
    public static async Task<(int Status, JsonElement Body)> ReadAsync(HttpResponseMessage response)
    {
        using JsonDocument json = JsonDocument.Parse(
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)
        );
        return ((int)response.StatusCode, json.RootElement.Clone());
    }

    public Task StopAsync() => _program.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _program.DisposeAsync();
        _folder.Dispose();
    }
}
