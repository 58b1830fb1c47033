using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Graft.AspNetCore;

/// <summary>Adds models to a program's services.</summary>
public static class GraftServices
{
    /// <summary>
    /// Adds a model, which is loaded and checked when the program starts. The first one is
    /// <see cref="ServedModels.Default"/>. All are found in the service <see cref="ServedModels"/>.
    /// </summary>
    /// <param name="services">The services of the program.</param>
    /// <param name="path">Path of an .onnx file that Graft exported.</param>
    /// <param name="options">How it is loaded and batched.</param>
    /// <exception cref="OptionsException">An option is out of range.</exception>
    public static IServiceCollection AddGraftPredictor(
        this IServiceCollection services,
        string path,
        ServedModelOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ServedModelOptions settings = (options ?? new()).Checked();
        services.AddSingleton(provider => new ServedModel(
            path,
            settings,
            provider.GetRequiredService<ILoggerFactory>().CreateLogger<ServedModel>()
        ));
        if (services.All(service => service.ServiceType != typeof(ServedModels)))
        {
            services.AddSingleton(provider => new ServedModels(provider.GetServices<ServedModel>()));
            services.AddHostedService<ModelLoading>();
        }

        return services;
    }

    // A model that cannot be used stops the start of the program, not its first request.
    private sealed class ModelLoading(IServiceProvider services) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) =>
            Task.Run(() => services.GetRequiredService<ServedModels>(), cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
