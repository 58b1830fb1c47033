using System.CommandLine;
using Graft.Cli.Views;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>graft rates FOLDER: which learning rate to train with.</summary>
internal static class RatesVerb
{
    private const string PlotName = "--plot";

    public static Verb Create()
    {
        Verb verb = new(
            "rates",
            "Finds a learning rate by a short training in which the rate rises until the loss explodes (Smith 2017, "
                + "section 3.3). Suggests the smaller of two rates: the one at which the loss falls fastest, and a "
                + "tenth of the one at which it is least. Keeps nothing of the training.",
            "graft rates photos",
            "graft rates photos --plot rates.svg",
            "graft rates photos.csv --body resnet50 --train layer4 --json"
        );
        Argument<string> folder = new("FOLDER") { Description = ImageSource.Description };
        TrainingFlags choices = new(isTuning: true, isFinding: true);
        Option<string?> plot = Flag.Text(PlotName, "FILE.svg", "Write the curve as a picture");
        Option<bool> json = Flag.Switch(
            "--json",
            "Print the curve as one JSON document; progress goes to standard error"
        );
        verb.Arguments.Add(folder);
        choices.AddTo(verb);
        LoudnessFlags loudness = new();
        Array.ForEach([plot, .. loudness.All, json], verb.Options.Add);
        verb.Check = parsed => choices.Read(parsed);
        verb.Work = (parsed, terminal, cancel) =>
        {
            (string images, bool isJson) = (parsed.GetValue(folder)!, parsed.GetValue(json));
            TrainingOptions options = choices.Read(parsed);
            ImageSource.Require(images);
            RateCurve curve = ProgressView.Run(terminal, loudness.Read(parsed), progress =>
                LearningRateFinder.Find(images, options, progress: progress, cancel: cancel)
            );
            return Show(curve, images, parsed.GetValue(plot), isJson, terminal);
        };
        return verb;
    }

    private static int Show(RateCurve curve, string images, string? plot, bool isJson, Terminal terminal)
    {
        if (isJson)
        {
            RateView.WriteJson(curve, terminal.Output);
        }
        else
        {
            RateView.Write(curve, images, terminal);
        }

        if (plot is not null)
        {
            OutputFile.Write(plot, curve.ToSvg(), PlotName);
        }

        return ExitCode.Done;
    }
}
