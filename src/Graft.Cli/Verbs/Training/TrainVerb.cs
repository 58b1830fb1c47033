using System.CommandLine;
using Graft.Cli.Views;
using Graft.Infrastructure;
using Graft.Training;

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
            "graft train photos.csv --body vgg16 --weights vgg16.safetensors --head 256 --start random"
        );
        Option<bool> tensorBoard = Flag.Switch(
            "--tensorboard",
            "Write the learning curves for TensorBoard, into the run's folder"
        );
        Verb complete = Complete(verb, new TrainingFlags(isTuning: true), parsed => parsed.GetValue(tensorBoard));
        complete.Options.Add(tensorBoard);
        return complete;
    }

    /// <summary>Adds what `train` and `probe` share.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="choices">Its options of the training.</param>
    /// <param name="isBoard">Whether the learning curves are written for TensorBoard; null: never.</param>
    public static Verb Complete(Verb verb, TrainingFlags choices, Func<ParseResult, bool>? isBoard = null)
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
            TrainingOptions options = flags.WithWorkers(parsed, choices.Read(parsed, replayed?.Options));
            RunOutput output = new(terminal, flags.IsJson(parsed), flags.Loudness(parsed))
            {
                HasCurves = isBoard?.Invoke(parsed) == true,
            };
            if (flags.IsPulling(parsed) && options.ContinueFrom is null)
            {
                PullMissing(options.Body, output, cancel);
            }

            int count = flags.Seeds(parsed);
            string runFolder = flags.Folder(parsed) ?? NewRunFolder(images, TimeProvider.System);
            if (flags.IsDry(parsed))
            {
                return DryRun.Show(images, runFolder, count, options, output, parsed, cancel);
            }

            return count == 1
                ? Train(images, runFolder, options, output, cancel)
                : TrainSeeds(images, runFolder, count, options, output, cancel);
        };
        return verb;
    }

    private static void PullMissing(BodySource body, RunOutput output, CancellationToken cancel)
    {
        foreach (BodySource branch in body.Branches)
        {
            PullMissing(branch, output, cancel);
        }

        if (body.Weights is null && body.Name is string name && BodyCatalog.Find(name) is { IsReady: false } missing)
        {
            BodiesPullVerb.Pull(missing, mirror: null, output.Loudness, output.Terminal, cancel);
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
        RunOutput output,
        CancellationToken cancel
    )
    {
        ImageSource.Require(images);
        return Show(
            options.ContinueFrom is null ? images : null,
            runFolder,
            output,
            progress => Train(images, runFolder, options, progress, cancel),
            cancel
        );
    }

    private static int TrainSeeds(
        string images,
        string folder,
        int count,
        TrainingOptions options,
        RunOutput output,
        CancellationToken cancel
    )
    {
        ImageSource.Require(images);
        if (RunFolder.Exists(folder) || RepeatedTraining.Exists(folder))
        {
            throw new GraftException(
                $"'{Printable.Text(folder)}' cannot take these runs: it holds some already; go on with "
                    + $"`{Invocation.Line("resume", folder)}`, or choose another folder with --out"
            );
        }

        RunLeftovers leftovers = new(folder);
        RunLeftovers first = new(Path.Combine(folder, RepeatedTraining.RunNameOf(options.Seed)));
        return ShowSeeds(
            folder,
            output,
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
        RunOutput output,
        Func<IProgress<TrainingEvent>, RepeatedTraining> work,
        CancellationToken cancel
    )
    {
        Terminal terminal = output.Terminal;
        RepeatedTraining all = ProgressView.Run(terminal, output.Loudness, progress =>
        {
            using TensorBoardProgress? board = output.HasCurves ? new(folder, progress) : null;
            return work(board ?? progress);
        });
        if (output.IsJson)
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
                $"graft: {all.Seeds.Count} of {all.SeedCount} seeds are complete; go on with: "
                    + Invocation.Line("resume", folder)
            );
        }

        return cancel.IsCancellationRequested ? ExitCode.Cancelled : ExitCode.Done;
    }

    /// <summary>Runs a training or the rest of one, and tells what it made.</summary>
    /// <param name="images">Folder or list of the images as the user named it; null: as the run recorded it.</param>
    /// <param name="output">How it is told.</param>
    /// <param name="work">Gets the listener for its progress.</param>
    internal static int Show(
        string? images,
        string runFolder,
        RunOutput output,
        Func<IProgress<TrainingEvent>, TrainingResult> work,
        CancellationToken cancel
    )
    {
        Terminal terminal = output.Terminal;
        TrainingResult result = ProgressView.Run(terminal, output.Loudness, progress =>
        {
            using TensorBoardProgress? board = output.HasCurves ? new(runFolder, progress) : null;
            TrainingResult trained = work(board ?? progress);
            board?.Record(trained.Evaluation);
            return trained;
        });
        if (output.IsJson)
        {
            TrainingSummary.WriteJson(result, terminal.Output);
        }
        else
        {
            string recorded = images ?? RunFolder.Open(runFolder).Record.ImagesPath;
            TrainingSummary.Write(result, recorded, output.Loudness, terminal);
        }

        if (cancel.IsCancellationRequested)
        {
            terminal.Error.WriteLine(
                $"graft: this is the best so far; go on with: {Invocation.Line("resume", runFolder)}"
            );
        }

        return cancel.IsCancellationRequested ? ExitCode.Cancelled : ExitCode.Done;
    }

    private static TrainingResult Train(
        string images,
        string runFolder,
        TrainingOptions options,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel
    )
    {
        RunLeftovers leftovers = new(runFolder);
        try
        {
            return Trainer.Train(images, runFolder, options, progress, cancel);
        }
        catch (Exception error)
            when (error is OperationCanceledException or (GraftException and not RunStoppedException))
        {
            leftovers.Remove();
            throw;
        }
    }
}
