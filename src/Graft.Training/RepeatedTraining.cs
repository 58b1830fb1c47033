using System.Text.Json;
using System.Text.Json.Serialization;
using Graft.Infrastructure;
using Graft.Training.Run;

namespace Graft.Training;

/// <summary>A mean over seeds and how far they lie apart.</summary>
/// <param name="StandardDeviation">Of the seeds (n - 1 in the denominator); null for fewer than two.</param>
public sealed record MeanAndSpread(double Mean, double? StandardDeviation)
{
    internal static MeanAndSpread Of(IReadOnlyCollection<double> values)
    {
        double mean = values.Average();
        return new(
            mean,
            values.Count < 2
                ? null
                : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1))
        );
    }
}

/// <summary>What one seed's run came to; all from its evaluation.json.</summary>
/// <param name="Run">Its folder, relative to that of all seeds.</param>
/// <param name="Accuracy">Of the shipped model on the test images, 0..1, as are the others.</param>
/// <param name="Stopped">Why its training stopped.</param>
public sealed record SeedResult(
    long Seed,
    string Run,
    string Shipped,
    double Accuracy,
    double ProbeAccuracy,
    double ValidationAccuracy,
    int Count,
    string Stopped
);

/// <summary>The same training with several seeds: what seeds.json holds.</summary>
/// <param name="Images">The folder or CSV, as a full path.</param>
/// <param name="FirstSeed">The others count up from it.</param>
/// <param name="SeedCount">How many were asked for.</param>
/// <param name="Seeds">Those that are complete, in order.</param>
public sealed record RepeatedTraining(string Images, long FirstSeed, int SeedCount, IReadOnlyList<SeedResult> Seeds)
{
    /// <summary>The most seeds at once.</summary>
    public const int MostSeeds = 100;

    /// <summary>Name of the file in the folder of all seeds.</summary>
    public const string FileName = "seeds.json";

    private const string ModelName = "model.onnx";
    private const long Longest = 1 << 20;

    /// <summary>On the test images; null where no seed is complete.</summary>
    public MeanAndSpread? Accuracy => Spread(seed => seed.Accuracy);

    /// <summary>Of the probes, likewise.</summary>
    public MeanAndSpread? ProbeAccuracy => Spread(seed => seed.ProbeAccuracy);

    /// <summary>
    /// True where every seed was judged by the same test images, as the data gave them; false where each drew its own;
    /// null where that is not known yet.
    /// </summary>
    public bool? IsOneTest { get; init; }

    /// <summary>
    /// model.onnx in the folder of all is the first seed's: the model that a training without repeats makes. The best
    /// of several by their validation images would be no better on
    /// new images than its luck, and its accuracy no fair measure of the recipe.
    /// </summary>
    public string Model => $"{RunNameOf(FirstSeed)}/{ModelName}";

    /// <summary>Whether a folder holds such a training, finished or not.</summary>
    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <summary>Name of the folder of one seed's run.</summary>
    public static string RunNameOf(long seed) => $"seed-{seed}";

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

    /// <summary>
    /// Does what is left to do: a seed whose run is complete is read, one that was stopped goes on, the others are
    /// trained.
    /// </summary>
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
        RepeatedTraining all = this with { Seeds = [] };
        Directory.CreateDirectory(folder);
        all.Write(folder);
        for (int i = 0; i < SeedCount && !cancel.IsCancellationRequested; i++)
        {
            long seed = FirstSeed + i;
            string run = Path.Combine(folder, RunNameOf(seed));
            if (!TrainingRun.IsComplete(run))
            {
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

            if (TrainingRun.IsComplete(run))
            {
                all = all.With(SeedResultOf(seed, run), folder);
                all.Write(folder);
            }
        }

        return all;
    }

    /// <summary>The content of seeds.json.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, SeedsJson.Instance.RepeatedTraining);

    private RepeatedTraining With(SeedResult result, string folder)
    {
        RepeatedTraining next = this with { Seeds = [.. Seeds, result] };
        if (next.Seeds.Count == 1)
        {
            File.Copy(Path.Combine(folder, Model), Path.Combine(folder, ModelName), overwrite: true);
            return next;
        }

        return next with
        {
            IsOneTest = IsOneTest != false && TestOf(next.Seeds[0]).SetEquals(TestOf(next.Seeds[^1])),
        };

        HashSet<string> TestOf(SeedResult seed) =>
            [
                .. File.ReadLines(Path.Combine(folder, seed.Run, "split.csv"))
                    .Where(line => line.EndsWith(",test", StringComparison.Ordinal)),
            ];
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
            evaluation.Accuracy,
            evaluation.ProbeAccuracy,
            evaluation.ValidationAccuracy,
            evaluation.Count,
            evaluation.Stopped
        );
    }
}

/// <summary>How seeds.json is written and read.</summary>
[JsonSerializable(typeof(RepeatedTraining))]
internal sealed partial class SeedsJson : JsonSerializerContext
{
    public static SeedsJson Instance { get; } = new(new(TrainingRun.Json));
}
