using System.CommandLine;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>graft resume RUN</summary>
internal static class ResumeVerb
{
    public static Verb Create()
    {
        Verb verb = new(
            "resume",
            "Continues a stopped training from its last checkpoint. The model is the same, byte for byte, as without "
                + "the stop.",
            "graft resume runs/photos"
        );
        Argument<string> folder = new("RUN")
        {
            Description = "Folder of the run: the value of --out, or the folder that `graft train` chose",
        };
        Option<string?> images = Flag.Text(
            "--images",
            "FOLDER",
            "New place of the images if they were moved; their hashes prove that they are the same"
        );
        Option<int> decodeThreads = TrainingFlags.DecodeThreads();
        Option<double> checkpointMinutes = TrainingFlags.CheckpointMinutes();
        Option<bool> json = Flag.Switch(
            "--json",
            "Print the result as one JSON document; progress goes to standard error"
        );
        verb.Arguments.Add(folder);
        verb.Options.Add(images);
        verb.Options.Add(decodeThreads);
        verb.Options.Add(checkpointMinutes);
        LoudnessFlags loudness = new(RunFlags.LoudnessOfRuns);
        Array.ForEach([.. loudness.All, json], verb.Options.Add);
        verb.Work = (parsed, terminal, cancel) =>
        {
            string run = parsed.GetValue(folder)!;
            ResumeOptions options = new()
            {
                Images = parsed.GetValue(images),
                DecodeThreads = parsed.GetValue(decodeThreads),
                CheckpointMinutes = parsed.GetValue(checkpointMinutes),
                MemoryPolicy = MemoryPolicy.ManageProcess,
            };
            Check(options, parsed);
            if (options.Images is not null)
            {
                ImageSource.Require(options.Images);
            }

            RunOutput output = new(terminal, parsed.GetValue(json), loudness.Read(parsed));
            return Resume(run, options, output, cancel);
        };
        return verb;
    }

    private static void Check(ResumeOptions options, ParseResult parsed)
    {
        try
        {
            options.Validate();
        }
        catch (OptionsException error)
        {
            throw new UsageException(OptionFlags.Describe(error, parsed));
        }
    }

    private static int Resume(string run, ResumeOptions options, RunOutput output, CancellationToken cancel)
    {
        output = output with { HasCurves = Directory.Exists(Path.Combine(run, TensorBoardProgress.FolderName)) };
        if (RepeatedTraining.Exists(run))
        {
            return TrainVerb.ShowSeeds(
                run,
                output,
                progress => Trainer.ResumeRepeat(run, options, progress, cancel),
                cancel
            );
        }

        RunFolder folder = RunFolder.Open(run);
        if (folder.IsComplete)
        {
            folder.DeleteOldCheckpoints();
            output.Terminal.Error.WriteLine($"graft: '{Printable.Text(run)}' is complete: nothing is left to do");
            return ExitCode.Done;
        }

        return TrainVerb.Show(
            options.Images ?? folder.Record.ImagesPath,
            run,
            output,
            progress => Trainer.Resume(run, options, progress, cancel),
            cancel
        );
    }
}
