using System.Text.Json;
using System.Text.Json.Serialization;
using Graft.Infrastructure;

namespace Graft.Training.Run;

/// <summary>Content of options.json: everything that is needed to repeat the run.</summary>
/// <param name="Images">Full path of the folder, list or archive.</param>
/// <param name="Options">Options of the training.</param>
internal sealed record RunOptions(string Images, TrainingOptions Options)
{
    private const string Name = "options.json";
    private const long Longest = 1 << 20;

    /// <summary>Folder that relative paths in the options start from.</summary>
    public string? WorkingFolder { get; init; }

    /// <summary>
    /// Number of threads that compute while training. The last bits of sums depend on it, so a resumed run uses the
    /// same number.
    /// </summary>
    public int TorchThreads { get; init; }

    /// <summary>
    /// True where the images were objects of the program that started the run. Only a program that has them can resume
    /// it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ImagesAreObjects { get; init; }

    /// <summary>Full path of the store that the features come from; null: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? FeaturesFrom { get; init; }

    /// <summary>True where the store may hold what machines with other instruction sets computed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool MixedMachines { get; init; }

    /// <summary>Options of a new run in this process.</summary>
    public static RunOptions Of(string imagesPath, TrainingOptions options) =>
        new(Path.GetFullPath(imagesPath), options)
        {
            WorkingFolder = Environment.CurrentDirectory,
            TorchThreads = options.TorchThreads ?? TorchSetup.Threads(options.Threads),
            FeaturesFrom = options.FeaturesFrom is string folder ? Path.GetFullPath(folder) : null,
            MixedMachines = options.MixedMachines,
        };

    /// <summary>Options of a new run in this process whose images are objects.</summary>
    /// <param name="source">Name of the images, for the user.</param>
    /// <param name="options">The options of the run.</param>
    public static RunOptions OfObjects(string source, TrainingOptions options) =>
        Of(source, options) with
        {
            Images = source,
            ImagesAreObjects = true,
        };

    /// <summary>The options with the store of features, which the file names beside them.</summary>
    [JsonIgnore]
    public TrainingOptions WithStore => Options with { FeaturesFrom = FeaturesFrom, MixedMachines = MixedMachines };

    /// <summary>The options with full paths of files.</summary>
    [JsonIgnore]
    public TrainingOptions Located => WithStore with { Body = Locate(Options.Body) };

    private BodySource Locate(BodySource body) =>
        body with
        {
            File = Locate(body.File),
            Weights = Locate(body.Weights),
            InputTransform = Locate(body.InputTransform),
            Branches = [.. body.Branches.Select(Locate)],
        };

    // A text such as "vgg16" or "imagenet" is a path only if the file exists.
    private string? Locate(string? path) =>
        path is not null
        && WorkingFolder is not null
        && Path.Combine(WorkingFolder, path) is string full
        && File.Exists(full)
            ? full
            : path;

    /// <summary>
    /// Compiles the code that writes options.json on another thread. This saves 0.1 of the 2 seconds of a short run.
    /// </summary>
    public static void BeginCompiling() =>
        _ = Task.Run(() => JsonSerializer.Serialize(new RunOptions("", new()), RunOptionsJson.Instance.RunOptions));

    /// <summary>True if the folder holds a run, finished or not.</summary>
    public static bool Exist(string folder) => File.Exists(Path.Combine(folder, Name));

    /// <exception cref="GraftException">There is no run in the folder.</exception>
    public static void Require(string folder)
    {
        if (!Exist(folder))
        {
            throw new GraftException(
                $"'{Printable.Text(folder)}' cannot be resumed: it holds no run ({Name} is missing); "
                    + "name the folder of a run"
            );
        }
    }

    /// <exception cref="GraftException">There is no run in the folder, or its options cannot be read.</exception>
    public static RunOptions Read(string folder)
    {
        Require(folder);
        return Parse(Path.Combine(folder, Name), reason =>
            $"'{Printable.Text(folder)}' cannot be resumed: {Name} is not what Graft writes ({reason}); start a new run"
        );
    }

    /// <summary>Reads options.json of a run, to repeat that run.</summary>
    /// <exception cref="GraftException">It cannot be read.</exception>
    public static RunOptions ReadFile(string path) =>
        Parse(path, reason =>
            $"'{Printable.Text(path)}' cannot be used: it is not what Graft writes as {Name} ({reason}); "
            + $"name a YAML file of options or a run's {Name}"
        );

    private static RunOptions Parse(string path, Func<string, string> messageOf)
    {
        try
        {
            return new FileInfo(path).Length <= Longest
                ? RunOptionsJson.Parse(File.ReadAllBytes(path))
                : throw new JsonException("it is too long");
        }
        catch (Exception error) when (error is JsonException || RunStorage.IsRefusal(error))
        {
            // without the position, which is not the file's: its options were laid over the defaults
            string reason = error.Message.Split(" | ")[0].TrimEnd('.');
            throw new GraftException(messageOf(Printable.Text(reason)), error);
        }
    }

    /// <summary>
    /// The options that repeat the run on this machine and in this working folder: with the same number of threads, and
    /// with full paths where relative ones started from another folder.
    /// </summary>
    [JsonIgnore]
    public TrainingOptions Repeated
    {
        get
        {
            TrainingOptions options =
                WorkingFolder is null || WorkingFolder == Environment.CurrentDirectory ? WithStore : Located;
            return options.Threads == 0 && TorchThreads > 0 && TorchThreads != TorchSetup.Threads(0)
                ? options with
                {
                    Threads = TorchThreads,
                }
                : options;
        }
    }

    public void Write(string folder) =>
        AtomicFile.Write(
            Path.Combine(folder, Name),
            JsonSerializer.Serialize(this, RunOptionsJson.Instance.RunOptions)
        );
}
