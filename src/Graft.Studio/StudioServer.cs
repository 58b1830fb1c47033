using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Graft.Studio;

/// <summary>
/// The studio: a web server on this machine and its page. It answers only who has the key in <see cref="Address"/>, and
/// it reads only what was opened. Dispose it to stop; a training that is running can be resumed.
/// </summary>
public sealed class StudioServer : IAsyncDisposable
{
    private const int MostConnections = 256;

    private readonly WebApplication _program;
    private bool _isDisposed;

    private StudioServer(WebApplication program, Uri address) => (_program, Address) = (program, address);

    /// <summary>What to open in a browser. It holds a key that is new with every start.</summary>
    public Uri Address { get; }

    /// <summary>Starts the server and opens the images, if some are given.</summary>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="cancel">Stops the start.</param>
    /// <exception cref="OptionsException">An option is out of range.</exception>
    /// <exception cref="GraftException">The port is taken, or the images cannot be used.</exception>
    public static async Task<StudioServer> StartAsync(StudioOptions? options = null, CancellationToken cancel = default)
    {
        StudioOptions settings = (options ?? new()).Checked();
        AccessGuard guard = new();
        WebApplication program = Build(settings, guard);
        try
        {
            if (settings.ImagesPath is string images)
            {
                await program
                    .Services.GetRequiredService<Workspace>()
                    .OpenAsync(images, followsLinks: true, cancel)
                    .ConfigureAwait(false);
            }

            await program.StartAsync(cancel).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            await program.DisposeAsync().ConfigureAwait(false);
            if (error is IOException)
            {
                throw new GraftException(
                    $"'{settings.Port}' cannot be listened on: {error.Message.TrimEnd('.')}; choose another port",
                    error
                )
                {
                    Option = nameof(StudioOptions.Port),
                };
            }

            throw;
        }

        Uri address = new(program.Urls.First());
        guard.Port = address.Port;
        return new(program, new(address, $"/?key={guard.Key}"));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        await _program.Services.GetRequiredService<RunQueue>().StopAllAsync().ConfigureAwait(false);
        await _program.StopAsync().ConfigureAwait(false);
        await _program.DisposeAsync().ConfigureAwait(false);
    }

    private static WebApplication Build(StudioOptions options, AccessGuard guard)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, options.Port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            kestrel.Limits.MaxRequestBodySize = options.Training.Limits.Image.FileBytes;
        });
        builder.Services.AddProblemDetails();
        builder.Services.ConfigureHttpJsonOptions(json =>
            StudioJson.Options.Converters.ToList().ForEach(json.SerializerOptions.Converters.Add)
        );
        builder.Services.AddExceptionHandler<ProblemAnswers>();
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<Workspace>();
        builder.Services.AddSingleton<RunQueue>();
        builder.Services.AddSingleton<LoadedModels>();
        builder.Services.AddSingleton<PictureWriter>();
        builder.Services.AddSingleton<PictureStore>();
        builder.Services.AddSingleton<UploadStore>();
        WebApplication program = builder.Build();
        program.UseExceptionHandler().UseStatusCodePages();
        program.Use(guard.InvokeAsync);
        PageFiles.Map(program);
        DataEndpoints.Map(program.MapGroup("/api/data"));
        InsightEndpoints.Map(program.MapGroup("/api/data"));
        UploadEndpoints.Map(program.MapGroup("/api/uploads"));
        RunEndpoints.Map(program.MapGroup("/api/runs"));
        ModelEndpoints.Map(program.MapGroup("/api/runs/{name}"));
        return program;
    }
}
