using System.Text.Json;
using Graft.Explanation;
using Graft.Infrastructure;
using Graft.Prediction;
using Graft.Training.Run;

namespace Graft.Training;

/// <summary>One training with several seeds: the content of seeds.json.</summary>
/// <param name="Images">Full path of the folder, list or archive, or the name of images that are objects.</param>
/// <param name="FirstSeed">The first seed. The others count up from it.</param>
/// <param name="SeedCount">Number of requested seeds.</param>
/// <param name="Seeds">Results of the complete runs, in the order of their seeds.</param>
public sealed record RepeatedTraining(string Images, long FirstSeed, int SeedCount, IReadOnlyList<SeedResult> Seeds)
{
    /// <summary>Largest number of seeds.</summary>
    public const int MostSeeds = 100;

    /// <summary>Name of the file in the folder of all seeds.</summary>
    public const string FileName = "seeds.json";

    private const string ModelName = "model.onnx";
    private const long Longest = 1 << 20;

    /// <summary>
    /// Accuracy on the test images, or mean average precision where images may have several labels; null where no run
    /// is complete.
    /// </summary>
    public MeanAndSpread? Accuracy => Spread(seed => seed.Accuracy);

    /// <summary>The same of the probes.</summary>
    public MeanAndSpread? ProbeAccuracy => Spread(seed => seed.ProbeAccuracy);

    /// <summary>
    /// True if all seeds were evaluated on the same test images, because the data name them. False if each seed drew
    /// its own. Null while fewer than two runs are complete.
    /// </summary>
    public bool? IsOneTest { get; init; }

    /// <summary>
    /// Path of the first seed's model, relative to the folder of all runs. model.onnx in that folder is a copy of it.
    /// The best of several seeds would owe its accuracy to luck, which new images do not repeat.
    /// </summary>
    public string Model => $"{RunNameOf(FirstSeed)}/{ModelName}";

    /// <summary>Whether a folder holds such a training, finished or not.</summary>
    public static bool Exists(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return File.Exists(Path.Combine(folder, FileName));
    }

    /// <summary>Name of the folder of one seed's run.</summary>
    public static string RunNameOf(long seed) => Pipeline.WorkUnit.NameOf(seed);

    /// <summary>Reads the seeds.json in a folder.</summary>
    /// <param name="folder">The folder of all seeds.</param>
    /// <exception cref="GraftException">The file cannot be read.</exception>
    public static RepeatedTraining Read(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string path = Path.Combine(folder, FileName);
        try
        {
            RepeatedTraining? read =
                new FileInfo(path).Length <= Longest
                    ? JsonSerializer.Deserialize(File.ReadAllBytes(path), SeedsJson.Instance.RepeatedTraining)
                    : null;
            return read is { SeedCount: >= 1 and <= MostSeeds } ? read : throw new JsonException("it names no seeds");
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new GraftException(
                $"'{Printable.Text(path)}' cannot be used: it is not what Graft writes "
                    + $"({Printable.Text(error.Message)}); resume the folders of the seeds one by one",
                error
            );
        }
    }

    /// <summary>Reads complete runs, resumes stopped ones and trains the others.</summary>
    /// <param name="train">Gets a seed and its folder; must leave a run in it.</param>
    /// <param name="resume">Gets the folder of a run that was stopped.</param>
    internal RepeatedTraining Run(
        string folder,
        Action<long, string> train,
        Action<string> resume,
        IProgress<TrainingEvent>? progress,
        CancellationToken cancel
    )
    {
        RepeatedTraining all = Begin(folder);
        for (int i = 0; i < SeedCount; i++)
        {
            long seed = FirstSeed + i;
            string run = Path.Combine(folder, RunNameOf(seed));
            if (!TrainingRun.IsComplete(run))
            {
                if (cancel.IsCancellationRequested)
                {
                    break;
                }

                progress?.Report(new Notice($"Seed {seed}: {i + 1} of {SeedCount}."));
                if (RunOptions.Exist(run))
                {
                    resume(run);
                }
                else
                {
                    train(seed, run);
                }
            }

            if (TrainingRun.IsComplete(run)) // a cancelled one is not
            {
                all = all.With(SeedResultOf(seed, run), folder);
                all.Write(folder);
            }
        }

        return all;
    }

    /// <summary>Creates the folder with a seeds.json that has no result yet.</summary>
    internal RepeatedTraining Begin(string folder)
    {
        RepeatedTraining all = this with { Seeds = [] };
        RunStorage.Guard(folder, () => Directory.CreateDirectory(folder));
        all.Write(folder);
        return all;
    }

    /// <summary>The seeds, in their order.</summary>
    internal IReadOnlyList<long> AllSeeds() => [.. Enumerable.Range(0, SeedCount).Select(i => FirstSeed + i)];

    /// <summary>Records where the images lie now.</summary>
    internal RepeatedTraining Moved(string folder, string images)
    {
        RepeatedTraining moved = this with { Images = images };
        moved.Write(folder);
        return moved;
    }

    /// <summary>The content of seeds.json.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, SeedsJson.Instance.RepeatedTraining);

    private RepeatedTraining With(SeedResult result, string folder)
    {
        RepeatedTraining next = this with { Seeds = [.. Seeds, result] };
        if (next.Seeds.Count == 1)
        {
            string model = Path.Combine(folder, Model);
            string copy = Path.Combine(folder, ModelName);
            CopyIfThere(ModelCard.PathBeside(model), ModelCard.PathBeside(copy)); // an earlier Graft wrote none
            CopyIfThere(NeighbourFile.PathBeside(model), NeighbourFile.PathBeside(copy));
            File.Copy(model, copy, overwrite: true);
            return next;
        }

        return next with
        {
            IsOneTest = IsOneTest != false && TestOf(next.Seeds[0]).SetEquals(TestOf(next.Seeds[^1])),
        };

        HashSet<string> TestOf(SeedResult seed) =>
            [
                .. SplitFile
                    .ReadRows(Path.Combine(folder, seed.Run, "split.csv"))
                    .Where(row => row.Value.Part == ImagePart.Test)
                    .Select(row => row.Key),
            ];
    }

    private static void CopyIfThere(string file, string copy)
    {
        if (File.Exists(file))
        {
            File.Copy(file, copy, overwrite: true);
        }
    }

    private void Write(string folder) =>
        RunStorage.Guard(folder, () => AtomicFile.Write(Path.Combine(folder, FileName), ToJson()));

    private MeanAndSpread? Spread(Func<SeedResult, double> of) =>
        Seeds.Count == 0 ? null : MeanAndSpread.Of([.. Seeds.Select(of)]);

    private static SeedResult SeedResultOf(long seed, string run)
    {
        RunEvaluation evaluation = RunEvaluation.Read(Path.Combine(run, RunEvaluation.FileName));
        return new(
            seed,
            RunNameOf(seed),
            evaluation.Shipped,
            evaluation.Headline,
            evaluation.ProbeAccuracy,
            evaluation.ValidationAccuracy,
            evaluation.Count,
            evaluation.Stopped
        )
        {
            Task = evaluation.MeanAveragePrecision is null
                ? ClassificationTask.SingleLabel
                : ClassificationTask.MultiLabel,
        };
    }
}
