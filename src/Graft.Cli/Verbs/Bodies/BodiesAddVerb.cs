using System.CommandLine;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>graft bodies add NAME FILE: weights for machines without network.</summary>
internal static class BodiesAddVerb
{
    public static Verb Create()
    {
        Verb verb = new(
            "add",
            "Checks that a weight file fits a named network and stores a copy, which --body NAME then uses. "
                + "For machines without network, and for your own weights.",
            "graft bodies add resnet18 resnet18-f37072fd.pth"
        );
        Argument<string> name = new("NAME") { Description = "A name (see graft bodies)" };
        Argument<string> file = new("FILE") { Description = "safetensors, PyTorch (.pth) or Keras (.h5, .keras)" };
        verb.Arguments.Add(name);
        Option<bool> json = Flag.Switch("--json", "Print one JSON document");
        verb.Arguments.Add(file);
        verb.Options.Add(json);
        verb.Work = (parsed, terminal, _) =>
        {
            BodyInfo body = BodyName.Find(parsed.GetValue(name)!);
            StoredWeights added = BodyCatalog.Add(body.Name, parsed.GetValue(file)!);
            if (parsed.GetValue(json))
            {
                StoredWeightsView.WriteJson(added, terminal.Output);
                return ExitCode.Done;
            }

            string origin = added.Origin is null
                ? "The catalogue does not know this file; the network's usual preprocessing is used"
                : $"Known: {added.Origin}";
            terminal.Output.WriteLine(
                $"'{added.Body}' is on disk: {Printable.Text(added.Path)} (SHA-256 {added.Sha256})"
            );
            terminal.Output.WriteLine($"{origin}; licence: {added.License ?? "not known"}");
            return ExitCode.Done;
        };
        return verb;
    }
}
