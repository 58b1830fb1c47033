using System.Net;
using Graft.AspNetCore;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Graft.Cli.Verbs;

/// <summary>The web server of `graft serve`.</summary>
/// <param name="address">Where it listens.</param>
/// <param name="models">The models, the default one first.</param>
/// <param name="endpoint">What requests may bring.</param>
internal sealed class ServeProgram(
    IPEndPoint address,
    IReadOnlyList<(string Path, ServedModelOptions Options)> models,
    EndpointOptions endpoint
)
{
    private const int MostConnections = 1024;

    /// <summary>Serves until it is cancelled; then it answers what has begun.</summary>
    /// <exception cref="GraftException">A model cannot be used, or the address is taken.</exception>
    /// <exception cref="OptionsException">An option is out of range.</exception>
    public void Run(Terminal terminal, bool isJson, CancellationToken cancel) =>
        RunAsync(terminal, isJson, cancel).GetAwaiter().GetResult();

    private async Task RunAsync(Terminal terminal, bool isJson, CancellationToken cancel)
    {
        WebApplication program = Build();
        await using (program.ConfigureAwait(false))
        {
            await StartAsync(program, cancel).ConfigureAwait(false);
            ServedModels served = program.Services.GetRequiredService<ServedModels>();
            if (isJson)
            {
                WriteJson(program.Urls.First(), served, terminal.Output);
            }

            foreach (ServedModel model in served)
            {
                terminal.Error.WriteLine(
                    $"{Printable.Text(model.Name)}: {model.Card.Labels.Count} classes, version {model.Version}"
                );
            }

            terminal.Error.WriteLine($"Serving on {program.Urls.First()}; Ctrl-C ends it");
            await Task.Delay(Timeout.Infinite, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await program.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static void WriteJson(string address, ServedModels served, TextWriter output) =>
        JsonOutput.Write(output, json =>
        {
            json.WriteStartObject();
            json.WriteString("address", address);
            json.WriteStartArray("models");
            foreach (ServedModel model in served)
            {
                json.WriteStartObject();
                json.WriteString("name", model.Name);
                json.WriteString("version", $"{model.Version}");
                JsonOutput.Texts(json, "labels", model.Card.Labels);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });

    private WebApplication Build()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder
            .Logging.ClearProviders()
            .SetMinimumLevel(LogLevel.Warning)
            .AddFilter("Graft", LogLevel.Information)
            .AddSimpleConsole(console => console.SingleLine = true);
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = 0);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(address);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        });
        builder.Services.AddProblemDetails();
        builder.Services.AddOpenApi(openApi =>
            openApi.AddDocumentTransformer(
                (document, _, _) =>
                {
                    document.Info = new() { Title = "Graft", Version = CommandLine.Version };
                    return Task.CompletedTask;
                }
            )
        );
        if (IPAddress.IsLoopback(address.Address))
        {
            // a page of another site that names this machine by its own host name is refused
            builder.Services.Configure<HostFilteringOptions>(hosts =>
                hosts.AllowedHosts = ["localhost", "127.0.0.1", "[::1]"]
            );
        }

        foreach ((string path, ServedModelOptions options) in models)
        {
            builder.Services.AddGraftPredictor(path, options);
        }

        WebApplication program = builder.Build();
        program.UseHostFiltering().UseExceptionHandler().UseStatusCodePages();
        program.MapGraft(options: endpoint);
        program.MapOpenApi("/openapi.json");
        return program;
    }

    private async Task StartAsync(WebApplication program, CancellationToken cancel)
    {
        try
        {
            await program.StartAsync(cancel).ConfigureAwait(false);
        }
        catch (IOException error)
        {
            throw new GraftException(
                $"'{address}' cannot be listened on: {error.Message.TrimEnd('.')}; choose another port",
                error
            )
            {
                Option = "Port",
            };
        }
    }
}
