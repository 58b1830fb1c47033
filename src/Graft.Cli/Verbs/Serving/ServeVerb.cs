using System.CommandLine;
using System.Net;
using Graft.AspNetCore;

namespace Graft.Cli.Verbs;

/// <summary>graft serve MODEL…</summary>
internal static class ServeVerb
{
    /// <summary>The variable that holds the key, so that the list of processes does not show it.</summary>
    public const string KeyVariable = "GRAFT_API_KEY";

    private const string LocalHost = "127.0.0.1";

    public static Verb Create()
    {
        Verb verb = new(
            "serve",
            "Serves models over HTTP: POST an image to /predict, or open the address in a browser. It listens on this "
                + "machine only, unless --host names another address; then a key is needed.",
            "graft serve runs/photos",
            "graft serve roses=runs/roses tulips=runs/tulips/model.onnx --port 9000"
        );
        Argument<string[]> models = new("MODELS")
        {
            Description = $"{ModelFile.Description}; NAME=MODEL names it in addresses. The first one answers /predict",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<int> port = Flag.Number("--port", "N", "Port to listen on; 0: a free one", 8080);
        Option<string?> host = Flag.Text("--host", "ADDRESS", "Address to listen on; 0.0.0.0: all", LocalHost);
        Option<string?> key = Flag.Text(
            "--api-key",
            "KEY",
            $"Key that requests must bring, of at least 16 characters; or the variable {KeyVariable}"
        );
        ServeFlags flags = new();
        verb.Arguments.Add(models);
        Array.ForEach<Option>([port, host, key], verb.Options.Add);
        flags.AddTo(verb);
        Option<bool> json = Flag.Switch("--json", "Print address and models as one JSON document once it serves");
        verb.Options.Add(json);
        verb.Work = (parsed, terminal, cancel) =>
        {
            EndpointOptions endpoint = flags.Endpoint(
                parsed,
                parsed.GetValue(key) ?? Environment.GetEnvironmentVariable(KeyVariable)
            );
            ServeProgram program = new(
                Address(parsed.GetValue(host)!, parsed.GetValue(port), endpoint.ApiKey is not null),
                [.. parsed.GetValue(models)!.Select(word => Model(word, flags.Model(parsed)))],
                endpoint
            );
            program.Run(terminal, parsed.GetValue(json), cancel);
            return ExitCode.Done;
        };
        return verb;
    }

    // What listens on another address is open to everybody who reaches it.
    private static IPEndPoint Address(string host, int port, bool hasKey)
    {
        if (port is < 0 or > IPEndPoint.MaxPort)
        {
            throw new UsageException($"'--port' cannot be {port}: it must lie between 0 and {IPEndPoint.MaxPort}");
        }

        if (!IPAddress.TryParse(host == "localhost" ? LocalHost : host, out IPAddress? address))
        {
            throw new UsageException($"'--host' cannot be '{host}': it takes an IP address, such as 0.0.0.0");
        }

        return IPAddress.IsLoopback(address) || hasKey
            ? new(address, port)
            : throw new UsageException(
                $"'--host' cannot be '{host}' without '--api-key': other machines could use the models"
            );
    }

    private static (string Path, ServedModelOptions Options) Model(string word, ServedModelOptions options)
    {
        int sign = word.IndexOf('=', StringComparison.Ordinal);
        return sign > 0 && !Path.Exists(word)
            ? (ModelFile.Of(word[(sign + 1)..]), options with { Name = word[..sign] })
            : (ModelFile.Of(word), options);
    }
}
