using System.CommandLine;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Graft.Training;
using Spectre.Console;

namespace Graft.Cli.Verbs;

/// <summary>graft train FOLDER</summary>
internal static class TrainVerb
{
    public static Verb Create()
    {
        Verb verb = new(
            "train",
            "Trains a classifier on a folder with one subfolder of images per class. Fits a probe, fine-tunes and "
                + "evaluates; the better model becomes one ONNX file.",
            "graft train photos",
            "graft train photos --max-error 1%",
            "graft train photos --epochs 30 --train 0.5 --out runs/photos-long",
            "graft train --config photos.yaml",
            "graft train photos.csv --body vgg16 --weights vgg16.safetensors --head 256 --start random --head-epochs 25"
        );
        return Complete(verb, new TrainingFlags(isTuning: true));
    }

    /// <summary>Adds what `train` and `probe` share.</summary>
    public static Verb Complete(Verb verb, TrainingFlags choices)
    {
        Argument<string> folder = new("FOLDER")
        {
            Description = ImageSource.Description,
            Arity = ArgumentArity.ZeroOrOne, // a run's options.json names it too
        };
        Option<string?> config = ConfigFile.Option();
        RunFlags flags = new();
        verb.Arguments.Add(folder);
        choices.AddTo(verb);
        flags.AddTo(verb, config);
        verb.Check = parsed => choices.Read(parsed, ConfigFile.Replayed(parsed.GetValue(config))?.Options);
        verb.Work = (parsed, terminal, cancel) =>
        {
            RunRecord? replayed = ConfigFile.Replayed(parsed.GetValue(config));
            string images = parsed.GetValue(folder)
                ?? replayed?.ImagesPath
                ?? throw new UsageException($"`graft {verb.FullName}` needs FOLDER");
            TrainingOptions options = choices.Read(parsed, replayed?.Options);
            bool isJson = flags.IsJson(parsed);
            if (flags.IsPulling(parsed) && options.ContinueFrom is null)
            {
                PullMissing(options.Body, terminal, isJson, cancel);
            }

            int count = flags.Seeds(parsed);
            string runFolder = flags.Folder(parsed) ?? NewRunFolder(images, TimeProvider.System);
            return count == 1
                ? Train(images, runFolder, options, isJson, terminal, cancel)
                : TrainSeeds(images, runFolder, count, options, isJson, terminal, cancel);
        };
        return verb;
    }

    private static void PullMissing(BodySource body, Terminal terminal, bool isJson, CancellationToken cancel)
    {
        if (body.Weights is null && body.Name is string name && BodyCatalog.Find(name) is { IsReady: false } missing)
        {
            BodiesPullVerb.Pull(missing, mirror: null, terminal, isJson, cancel);
        }
    }

    /// <summary>runs/FOLDER-yyyyMMdd-HHmmss, and where that is taken -2, -3 …</summary>
    internal static string NewRunFolder(string images, TimeProvider time)
    {
        string name = Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(Path.GetFullPath(images)));
        string folder = Path.Combine(
            "runs",
            $"{(name.Length == 0 ? "images" : name)}-{time.GetLocalNow():yyyyMMdd-HHmmss}"
        );
        return !Path.Exists(folder)
            ? folder
            : Enumerable.Range(2, 1000).Select(i => $"{folder}-{i}").First(path => !Path.Exists(path));
    }

    private static int Train(
        string images,
        string runFolder,
        TrainingOptions options,
        bool isJson,
        Terminal terminal,
        CancellationToken cancel
    )
    {
        ImageSource.Require(images);
        return Show(
            options.ContinueFrom is null ? images : null,
            runFolder,
            isJson,
            terminal,
            (console, isLive) => Train(images, runFolder, options, console, isLive, cancel),
            cancel
        );
    }

    private static int TrainSeeds(
        string images,
        string folder,
        int count,
        TrainingOptions options,
        bool isJson,
        Terminal terminal,
        CancellationToken cancel
    )
    {
        ImageSource.Require(images);
        if (RunFolder.Exists(folder) || RepeatedTraining.Exists(folder))
        {
            throw new GraftException(
                $"'{Printable.Text(folder)}' cannot take these runs: it holds some already; go on with `graft resume "
                    + $"{Printable.Text(folder)}`, or choose another folder with --out"
            );
        }

        RunLeftovers leftovers = new(folder);
        RunLeftovers first = new(Path.Combine(folder, RepeatedTraining.RunNameOf(options.Seed)));
        return ShowSeeds(
            folder,
            isJson,
            terminal,
            progress =>
            {
                try
                {
                    return Trainer.Repeat(images, folder, count, options, progress, cancel);
                }
                catch (Exception error)
                    when (error is OperationCanceledException or (GraftException and not RunStoppedException))
                {
                    first.Remove();
                    leftovers.Remove();
                    throw;
                }
            },
            cancel
        );
    }

    /// <summary>Runs several seeds or the rest of them, and tells what they came to.</summary>
    internal static int ShowSeeds(
        string folder,
        bool isJson,
        Terminal terminal,
        Func<IProgress<TrainingEvent>, RepeatedTraining> work,
        CancellationToken cancel
    )
    {
        RepeatedTraining all = ProgressView.Run(
            isJson ? terminal.ErrorConsole : terminal.OutputConsole,
            isJson ? terminal.IsErrorLive : terminal.IsOutputLive,
            work
        );
        if (isJson)
        {
            SeedsView.WriteJson(all, folder, terminal.Output);
        }
        else
        {
            SeedsView.Write(all, folder, terminal);
        }

        if (cancel.IsCancellationRequested)
        {
            terminal.Error.WriteLine(
                $"graft: {all.Seeds.Count} of {all.SeedCount} seeds are complete; go on with: graft resume "
                    + $"{TrainingSummary.Quoted(folder)}"
            );
        }

        return cancel.IsCancellationRequested ? ExitCode.Cancelled : ExitCode.Done;
    }

    /// <summary>Runs a training or the rest of one, and tells what it made.</summary>
    /// <param name="images">Folder or list of the images as the user named it; null: as the run recorded it.</param>
    /// <param name="work">Gets the console for its progress, and whether that is a screen.</param>
    internal static int Show(
        string? images,
        string runFolder,
        bool isJson,
        Terminal terminal,
        Func<IAnsiConsole, bool, TrainingResult> work,
        CancellationToken cancel
    )
    {
        TrainingResult result = work(
            isJson ? terminal.ErrorConsole : terminal.OutputConsole,
            isJson ? terminal.IsErrorLive : terminal.IsOutputLive
        );
        if (isJson)
        {
            TrainingSummary.WriteJson(result, terminal.Output);
        }
        else
        {
            TrainingSummary.Write(result, images ?? RunFolder.Open(runFolder).Record.ImagesPath, terminal);
        }

        if (cancel.IsCancellationRequested)
        {
            terminal.Error.WriteLine(
                $"graft: this is the best so far; go on with: graft resume {TrainingSummary.Quoted(runFolder)}"
            );
        }

        return cancel.IsCancellationRequested ? ExitCode.Cancelled : ExitCode.Done;
    }

    private static TrainingResult Train(
        string images,
        string runFolder,
        TrainingOptions options,
        IAnsiConsole console,
        bool isLive,
        CancellationToken cancel
    )
    {
        RunLeftovers leftovers = new(runFolder);
        try
        {
            return ProgressView.Run(console, isLive, progress =>
                Trainer.Train(images, runFolder, options, progress, cancel)
            );
        }
        catch (Exception error)
            when (error is OperationCanceledException or (GraftException and not RunStoppedException))
        {
            leftovers.Remove();
            throw;
        }
    }
}
