using System.CommandLine;
using System.Text.Json;
using Graft.Cli.Views;
using Graft.Prediction;

namespace Graft.Cli.Verbs;

/// <summary>graft show MODEL: the card of a model.</summary>
internal static class ShowVerb
{
    public static Verb Create()
    {
        Verb verb = new(
            "show",
            "Shows what a model says of itself: labels, what its input tensor holds, outputs, network, data and "
                + "scores. Checks the model as a prediction does.",
            "graft show runs/photos",
            "graft show runs/photos/model.onnx --json"
        );
        Argument<string> model = new("MODEL") { Description = ModelFile.Description };
        Option<bool> json = Flag.Switch("--json", "Print the whole card as JSON");
        verb.Arguments.Add(model);
        verb.Options.Add(json);
        verb.Work = (parsed, terminal, _) =>
        {
            using Predictor predictor = Predictor.Load(ModelFile.Of(parsed.GetValue(model)!));
            string card = predictor.Card.ToJson();
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(terminal.Output, card);
                return ExitCode.Done;
            }

            using JsonDocument document = JsonDocument.Parse(card);
            CardView.Write(document.RootElement, terminal);
            return ExitCode.Done;
        };
        return verb;
    }
}
