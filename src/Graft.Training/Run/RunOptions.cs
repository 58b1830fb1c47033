using System.Text.Json;
using System.Text.Json.Serialization;
using Graft.Infrastructure;

namespace Graft.Training.Run;

/// <summary>What options.json holds: all that is needed to do the run again.</summary>
/// <param name="Images">The folder or CSV, as a full path.</param>
internal sealed record RunOptions(string Images, TrainingOptions Options)
{
    private const string Name = "options.json";
    private const long Longest = 1 << 20;

    /// <summary>What relative paths among the options begin at.</summary>
    public string? WorkingFolder { get; init; }

    /// <summary>
    /// Threads that compute while training: sums are of other bits with another number, so that a resumed run takes the
    /// same.
    /// </summary>
    public int TorchThreads { get; init; }

    /// <summary>
    /// True where the images were objects of the program that started the run. Only a program that has them can resume
    /// it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ImagesAreObjects { get; init; }

    /// <summary>Options of a new run in this process.</summary>
    public static RunOptions Of(string imagesPath, TrainingOptions options) =>
        new(Path.GetFullPath(imagesPath), options)
        {
            WorkingFolder = Environment.CurrentDirectory,
            TorchThreads = TorchSetup.Threads(options.Threads),
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

    /// <summary>The options with the paths of files as full paths.</summary>
    [JsonIgnore]
    public TrainingOptions Located =>
        Options with
        {
            Body = Locate(Options.Body)!,
            Weights = Locate(Options.Weights),
            InputTransform = Locate(Options.InputTransform),
        };

    // A name ("vgg16", "imagenet") is none of a file: it is only taken for one where the file is there.
    private string? Locate(string? path) =>
        path is not null
        && WorkingFolder is not null
        && Path.Combine(WorkingFolder, path) is string full
        && File.Exists(full)
            ? full
            : path;

    /// <summary>
    /// Has the code that writes options.json compiled on another thread: a tenth of a second, of two that a short run
    /// takes.
    /// </summary>
    public static void BeginCompiling() =>
        _ = Task.Run(() => JsonSerializer.Serialize(new RunOptions("", new()), TrainingRun.Json));

    /// <summary>True where a folder holds a run, finished or not.</summary>
    public static bool Exist(string folder) => File.Exists(Path.Combine(folder, Name));

    /// <exception cref="GraftException">There is no run in the folder.</exception>
    public static void Require(string folder)
    {
        if (!Exist(folder))
        {
            throw new GraftException(
                $"'{Printable.Text(folder)}' cannot be resumed: it holds no run ({Name} is missing); name the folder that was given to --out"
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

    /// <summary>A run's options.json, to do that run again.</summary>
    /// <exception cref="GraftException">It cannot be read.</exception>
    public static RunOptions ReadFile(string path) =>
        Parse(path, reason =>
            $"'{Printable.Text(path)}' cannot be used: it is not what Graft writes as {Name} ({reason}); name a YAML file of options or a run's {Name}"
        );

    private static RunOptions Parse(string path, Func<string, string> messageOf)
    {
        try
        {
            return new FileInfo(path).Length <= Longest
                ? JsonSerializer.Deserialize<RunOptions>(File.ReadAllBytes(path), TrainingRun.Json)
                    ?? throw new JsonException("it is empty")
                : throw new JsonException("it is too long");
        }
        catch (Exception error) when (error is JsonException || RunStorage.IsRefusal(error))
        {
            throw new GraftException(messageOf(Printable.Text(error.Message)), error);
        }
    }

    /// <summary>
    /// The options with which this machine and working folder repeat the run: threads as it had them, and paths that
    /// were relative to another folder as full paths.
    /// </summary>
    [JsonIgnore]
    public TrainingOptions Repeated
    {
        get
        {
            TrainingOptions options =
                WorkingFolder is null || WorkingFolder == Environment.CurrentDirectory ? Options : Located;
            return options.Threads == 0 && TorchThreads > 0 && TorchThreads != TorchSetup.Threads(0)
                ? options with
                {
                    Threads = TorchThreads,
                }
                : options;
        }
    }

    public void Write(string folder) =>
        AtomicFile.Write(Path.Combine(folder, Name), JsonSerializer.Serialize(this, TrainingRun.Json));
}
