using System.CommandLine;
using Graft.Infrastructure;
using Graft.Training.Bodies;

namespace Graft.Cli.Verbs;

/// <summary>graft bodies add NAME FILE: weights for machines without network.</summary>
internal static class BodiesAddVerb
{
    public static Verb Create()
    {
        Verb verb = new(
            "add",
            "Checks that a weight file fits a named network and keeps a copy, which --body NAME then uses: for machines without network, and for weights of your own.",
            "graft bodies add resnet18 resnet18-f37072fd.pth"
        );
        Argument<string> name = new("NAME") { Description = "A name (see graft bodies)" };
        Argument<string> file = new("FILE") { Description = "safetensors, PyTorch (.pth) or Keras (.h5, .keras)" };
        verb.Arguments.Add(name);
        verb.Arguments.Add(file);
        verb.Work = (parsed, terminal, _) =>
        {
            BodyEntry entry = BodiesPullVerb.Entry(parsed.GetValue(name)!);
            (string path, Body body) = BodyPull.Add(BodyStore.OfUser(), entry, parsed.GetValue(file)!);
            terminal.Output.WriteLine(
                $"'{entry.Name}' is on disk: {Printable.Text(path)} (SHA-256 {body.Card.WeightsSha256})"
            );
            terminal.Output.WriteLine(
                $"{(body.Card.Origin is null ? "The catalogue does not know this file; the network's usual preprocessing is taken" : $"Known: {body.Card.Origin}")}; licence: {body.Card.Licence ?? "not known"}"
            );
            return ExitCode.Done;
        };
        return verb;
    }
}
