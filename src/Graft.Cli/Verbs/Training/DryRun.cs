using System.CommandLine;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>`train --dry-run`: what the training would do, without a file of it.</summary>
internal static class DryRun
{
    /// <summary>The option.</summary>
    public const string OptionName = "--dry-run";

    /// <summary>Shows the plan of a training.</summary>
    /// <param name="runFolder">The folder that the training would make.</param>
    /// <param name="seeds">How often it would train.</param>
    /// <exception cref="GraftException">The training would be refused.</exception>
    public static int Show(
        string images,
        string runFolder,
        int seeds,
        TrainingOptions options,
        RunOutput output,
        ParseResult parsed,
        CancellationToken cancel
    )
    {
        ImageSource.Require(images);
        if (RunFolder.Exists(runFolder) || RepeatedTraining.Exists(runFolder))
        {
            throw new GraftException(
                $"'{Printable.Text(runFolder)}' cannot take a run: it holds one already; choose another folder with "
                    + "--out"
            );
        }

        TrainingPlan plan = ProgressView.Run(output.Terminal, output.Loudness, progress =>
            Trainer.Plan(images, options, progress, cancel)
        );
        PlanView view = new(plan, runFolder, seeds, options.Budget);
        if (output.IsJson)
        {
            view.WriteJson(output.Terminal.Output);
        }
        else
        {
            view.Write(
                output.Terminal,
                [.. parsed.Tokens.Select(token => token.Value).Where(word => word != OptionName)]
            );
        }

        return ExitCode.Done;
    }
}
