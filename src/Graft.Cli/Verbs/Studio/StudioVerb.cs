using System.CommandLine;
using Graft.Cli.Views;
using Graft.Studio;

namespace Graft.Cli.Verbs;

/// <summary>graft studio [IMAGES]</summary>
internal static class StudioVerb
{
    public static Verb Create()
    {
        Verb verb = new(
            "studio",
            "Opens Graft in the browser: label pictures, train, see what a model learnt, and use it. It listens on "
                + "this machine only, and it works without a network.",
            "graft studio photos",
            "graft studio --runs runs --port 7000"
        );
        Argument<string?> images = new("IMAGES")
        {
            Description = $"{ImageSource.Description}. Without it the page asks for one",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string?> runs = Flag.Text("--runs", "FOLDER", "Folder with the runs", "runs");
        Option<int> port = Flag.Number("--port", "N", "Port to listen on; 0: a free one", 0);
        Option<int> threads = Flag.Number("--threads", "N", "Threads of a training; 0: one per core", 0);
        verb.Arguments.Add(images);
        Option<bool> json = Flag.Switch("--json", "Print the address as a JSON document once it listens");
        Array.ForEach<Option>([runs, port, threads, json], verb.Options.Add);
        verb.Work = (parsed, terminal, cancel) =>
        {
            StudioOptions options = new()
            {
                ImagesPath = parsed.GetValue(images),
                RunsFolder = parsed.GetValue(runs)!,
                Port = parsed.GetValue(port),
                Training = new() { Threads = parsed.GetValue(threads) },
            };
            if (options.ImagesPath is string path)
            {
                ImageSource.Require(path);
            }

            RunAsync(options, terminal, parsed.GetValue(json), cancel).GetAwaiter().GetResult();
            return ExitCode.Done;
        };
        return verb;
    }

    private static async Task RunAsync(StudioOptions options, Terminal terminal, bool isJson, CancellationToken cancel)
    {
        StudioServer studio = await StudioServer.StartAsync(options, cancel).ConfigureAwait(false);
        await using (studio.ConfigureAwait(false))
        {
            if (isJson)
            {
                JsonOutput.Write(terminal.Output, writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteString("address", studio.Address.ToString());
                    writer.WriteEndObject();
                });
            }
            else
            {
                terminal.Output.WriteLine(studio.Address);
            }

            terminal.Error.WriteLine(
                "Open this address in a browser. Ctrl-C ends the studio; a training can be resumed."
            );
            await Task.Delay(Timeout.Infinite, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
