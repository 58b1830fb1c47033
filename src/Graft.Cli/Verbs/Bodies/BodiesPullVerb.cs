using System.CommandLine;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Graft.Training.Bodies;

namespace Graft.Cli.Verbs;

/// <summary>graft bodies pull NAME: the published weights of a named network.</summary>
internal static class BodiesPullVerb
{
    public static Verb Create()
    {
        Verb verb = new(
            "pull",
            "Fetches the weights of a named network from their publisher and checks them; an interrupted download goes on where it ended. "
                + "Proxies are those of HTTPS_PROXY, HTTP_PROXY and NO_PROXY.",
            "graft bodies pull resnet18",
            "graft bodies pull resnet18 --mirror https://example.org/weights"
        );
        Argument<string> name = new("NAME") { Description = "A name (see graft bodies)" };
        Option<string?> mirror = Mirror();
        verb.Arguments.Add(name);
        verb.Options.Add(mirror);
        verb.Work = (parsed, terminal, cancel) =>
        {
            BodyEntry entry = Entry(parsed.GetValue(name)!);
            string path = Pull(entry, parsed.GetValue(mirror), terminal, isQuiet: false, cancel);
            KnownWeights weights = entry.DownloadableWeights!;
            string check = weights.IsWholeHash
                ? "its SHA-256 is the publisher's"
                : $"its SHA-256 begins with {weights.Sha256}, the digits that the publisher puts into the file's name";
            terminal.Output.WriteLine(
                $"'{entry.Name}' is on disk: {Printable.Text(path)} ({new FileInfo(path).Length / 1e6:0.0} MB; {check})"
            );
            terminal.Output.WriteLine(
                $"Licence of the weights: {weights.Licence ?? "none is stated by their publisher"} ({weights.Publisher})"
            );
            return ExitCode.Done;
        };
        return verb;
    }

    public static Option<string?> Mirror() =>
        Flag.Text(
            "--mirror",
            "URL",
            $"The address of a folder with the publisher's files, instead of the publisher's server [default: {BodyPull.MirrorVariable}]"
        );

    /// <summary>Fetches with a progress bar.</summary>
    /// <param name="isQuiet">Standard output is for a document: progress goes to standard error.</param>
    public static string Pull(
        BodyEntry entry,
        string? mirror,
        Terminal terminal,
        bool isQuiet,
        CancellationToken cancel
    ) =>
        ProgressView.Run(
            isQuiet ? terminal.ErrorConsole : terminal.OutputConsole,
            isQuiet ? terminal.IsErrorLive : terminal.IsOutputLive,
            progress => BodyPull.Pull(BodyStore.OfUser(), entry, mirror, progress, new DownloadLimits(), cancel)
        );

    /// <exception cref="UsageException">There is no network of that name.</exception>
    public static BodyEntry Entry(string name)
    {
        try
        {
            return NamedBodies.Find(name);
        }
        catch (GraftException error)
        {
            throw new UsageException(error.Message);
        }
    }
}
