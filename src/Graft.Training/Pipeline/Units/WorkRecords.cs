using System.Globalization;
using System.Text.Json.Serialization;
using Graft.Training.Run;

namespace Graft.Training.Pipeline;

/// <summary>work.json: trainings that are planned. All processes that share the folder have the same.</summary>
/// <param name="Version">Version of the folder's form.</param>
/// <param name="Graft">Version of Graft that planned them.</param>
/// <param name="Run">Images and options of the trainings, but for their seeds.</param>
/// <param name="Seeds">The seeds, in their order.</param>
/// <param name="Images">SHA-256 over name, content, part and labels of all images, in their order.</param>
/// <param name="Body">SHA-256 over the body's nodes and weights.</param>
/// <param name="Engine">What computes the frozen layers.</param>
/// <param name="Machine">Libraries and instruction set of the machine that planned.</param>
/// <param name="CacheRoom">Room that decides the number of random views, in bytes.</param>
internal sealed record WorkHeader(
    int Version,
    string Graft,
    RunOptions Run,
    IReadOnlyList<long> Seeds,
    string Images,
    string Body,
    Engine Engine,
    string Machine,
    long CacheRoom
)
{
    /// <summary>The version that this code writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The version of this Graft.</summary>
    [JsonIgnore]
    public static string OwnGraft => typeof(WorkHeader).Assembly.GetName().Version!.ToString(3);

    /// <summary>The units of the work, in their order.</summary>
    [JsonIgnore]
    public IEnumerable<WorkUnit> Units => Seeds.Select((seed, number) => new WorkUnit(number, seed));
}

/// <summary>The training of one seed.</summary>
/// <param name="Number">Its number among all units, from 0.</param>
/// <param name="Seed">The seed.</param>
internal sealed record WorkUnit(int Number, long Seed)
{
    /// <summary>Name of the unit and its manifest.</summary>
    public string Name => NameOf(Seed);

    /// <summary>Name of the run of a seed.</summary>
    public static string NameOf(long seed) => string.Create(CultureInfo.InvariantCulture, $"seed-{seed}");
}

/// <summary>The manifest of a unit, written after its folder has its name.</summary>
/// <param name="Unit">Its name.</param>
/// <param name="Work">SHA-256 of work.json.</param>
/// <param name="Folder">Name of the folder with the complete run.</param>
/// <param name="Sha256">SHA-256 over names, lengths and hashes of the files.</param>
/// <param name="Files">The files of the run.</param>
/// <param name="Machine">Libraries and instruction set that trained.</param>
internal sealed record WorkManifest(
    string Unit,
    string Work,
    string Folder,
    string Sha256,
    IReadOnlyList<WorkFile> Files,
    string Machine
);

/// <summary>A file of a unit.</summary>
/// <param name="Name">Its name in the run's folder.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">SHA-256 of its content.</param>
internal sealed record WorkFile(string Name, long Bytes, string Sha256)
{
    /// <summary>A line for the hash over all files.</summary>
    [JsonIgnore]
    public string Line => string.Create(CultureInfo.InvariantCulture, $"{Name} {Bytes} {Sha256}");
}

/// <summary>How the files of planned trainings are read and written.</summary>
[JsonSerializable(typeof(WorkHeader))]
[JsonSerializable(typeof(WorkManifest))]
internal sealed partial class WorkJson : JsonSerializerContext
{
    /// <summary>Reads and writes in the form of all JSON files of a run.</summary>
    public static WorkJson Instance { get; } = new(new(TrainingRun.Json));
}
