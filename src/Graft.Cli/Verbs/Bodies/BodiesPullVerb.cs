using System.CommandLine;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>graft bodies pull NAME: the published weights of a named network.</summary>
internal static class BodiesPullVerb
{
    private const int DigitsOfSha256 = 64;

    public static Verb Create()
    {
        Verb verb = new(
            "pull",
            "Downloads the weights of a named network from their publisher and checks them. Continues an interrupted "
                + "download. Uses the proxies of HTTPS_PROXY, HTTP_PROXY and NO_PROXY.",
            "graft bodies pull resnet18",
            "graft bodies pull resnet18 --mirror https://example.org/weights"
        );
        Argument<string> name = new("NAME") { Description = "A name (see graft bodies)" };
        Option<string?> mirror = Flag.Text(
            "--mirror",
            "URL",
            "The address of a folder with the publisher's files, instead of the publisher's server "
                + $"[default: {BodyCatalog.MirrorVariable}]"
        );
        verb.Arguments.Add(name);
        Option<bool> json = Flag.Switch("--json", "Print one JSON document; progress goes to standard error");
        verb.Options.Add(mirror);
        LoudnessFlags loudness = new();
        Array.ForEach([.. loudness.All, json], verb.Options.Add);
        verb.Work = (parsed, terminal, cancel) =>
        {
            BodyInfo body = BodyName.Find(parsed.GetValue(name)!);
            StoredWeights pulled = Pull(body, parsed.GetValue(mirror), loudness.Read(parsed), terminal, cancel);
            if (parsed.GetValue(json))
            {
                StoredWeightsView.WriteJson(pulled, terminal.Output);
                return ExitCode.Done;
            }

            string check =
                pulled.Sha256.Length == DigitsOfSha256
                    ? "its SHA-256 is the publisher's"
                    : $"its SHA-256 begins with {pulled.Sha256}, the digits in the publisher's file name";
            terminal.Output.WriteLine(
                $"'{pulled.Body}' is on disk: {Printable.Text(pulled.Path)} "
                    + $"({new FileInfo(pulled.Path).Length / 1e6:0.0} MB; {check})"
            );
            terminal.Output.WriteLine(
                $"Licence of the weights: {pulled.License ?? "their publisher states none"} ({pulled.Origin})"
            );
            return ExitCode.Done;
        };
        return verb;
    }

    /// <summary>Downloads with a progress bar.</summary>
    public static StoredWeights Pull(
        BodyInfo body,
        string? mirror,
        Loudness loudness,
        Terminal terminal,
        CancellationToken cancel
    )
    {
        Uri? address = string.IsNullOrEmpty(mirror) ? null : new(mirror, UriKind.RelativeOrAbsolute);
        return ProgressView.Run(terminal, loudness, progress => BodyCatalog.Pull(body.Name, address, progress, cancel));
    }
}
