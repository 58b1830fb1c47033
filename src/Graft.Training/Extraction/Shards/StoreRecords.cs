using System.Text.Json.Serialization;
using Graft.Training.Run;

namespace Graft.Training.Extraction;

/// <summary>store.json: what is extracted. All shards of a store have the same.</summary>
/// <param name="Version">Version of the store's form.</param>
/// <param name="Images">SHA-256 over name, content, part and labels of all images, in their order.</param>
/// <param name="ImageCount">Number of images.</param>
/// <param name="UnitImages">Number of images of a unit; the last one may have fewer.</param>
/// <param name="Options">The options of the training to come, without those of the machine.</param>
internal sealed record StoreHeader(int Version, string Images, int ImageCount, int UnitImages, TrainingOptions Options)
{
    /// <summary>The version that this code writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Number of units of each kind.</summary>
    [JsonIgnore]
    public int UnitCount => (ImageCount + UnitImages - 1) / UnitImages;
}

/// <summary>plan.json: what the looks at all images decided. The first shard that has them all writes it.</summary>
/// <param name="Store">Identity of the store.</param>
/// <param name="Engine">What computes the frozen layers.</param>
/// <param name="Machine">Library and instruction set in the keys of the rows.</param>
/// <param name="Views">Random views of a training image.</param>
/// <param name="Cuts">Edges at which activations are kept.</param>
/// <param name="Streams">The parts of the keys that the rows of an edge share, in hexadecimal.</param>
/// <param name="Parts">
/// A letter for each image: r for training, v for validation, t for test, - for one that cannot be used.
/// </param>
/// <param name="HasOwnValidation">True where the data name the validation images.</param>
/// <param name="TrainCount">Number of training images.</param>
internal sealed record StorePlan(
    string Store,
    Engine Engine,
    string Machine,
    int Views,
    IReadOnlyList<string> Cuts,
    IReadOnlyList<string> Streams,
    string Parts,
    bool HasOwnValidation,
    int TrainCount
);

/// <summary>The manifest of a unit, written after its rows.</summary>
/// <param name="Unit">Its name.</param>
/// <param name="Store">Identity of the store.</param>
/// <param name="Plan">Identity of the plan; null for looks, which precede it.</param>
/// <param name="Images">SHA-256 over the contents of its images, in their order.</param>
/// <param name="File">Name of the file with its rows.</param>
/// <param name="Bytes">Length of the file.</param>
/// <param name="Sha256">SHA-256 of the file.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Machine">Library and instruction set that computed them; null for looks.</param>
internal sealed record UnitManifest(
    string Unit,
    string Store,
    string? Plan,
    string Images,
    string File,
    long Bytes,
    string Sha256,
    long Rows,
    string? Machine
);

/// <summary>features.json: the manifest of the merged rows.</summary>
/// <param name="Version">Version of the store's form.</param>
/// <param name="Store">Identity of the store.</param>
/// <param name="Plan">Identity of the plan.</param>
/// <param name="Engine">What computed the frozen layers.</param>
/// <param name="Machine">Library and instruction set in the keys of the rows.</param>
/// <param name="Machines">All libraries and instruction sets that computed rows.</param>
/// <param name="Views">Random views of a training image.</param>
/// <param name="ImageCount">Number of images.</param>
/// <param name="Streams">The parts of the keys that the rows of an edge share, in hexadecimal.</param>
/// <param name="Bytes">Length of the file.</param>
/// <param name="Sha256">SHA-256 of the file.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Units">SHA-256 over the hashes of the units' files, in their order.</param>
internal sealed record MergedManifest(
    int Version,
    string Store,
    string Plan,
    Engine Engine,
    string Machine,
    IReadOnlyList<string> Machines,
    int Views,
    int ImageCount,
    IReadOnlyList<string> Streams,
    long Bytes,
    string Sha256,
    long Rows,
    string Units
);

/// <summary>How the files of a store are read and written.</summary>
[JsonSerializable(typeof(StoreHeader))]
[JsonSerializable(typeof(StorePlan))]
[JsonSerializable(typeof(UnitManifest))]
[JsonSerializable(typeof(MergedManifest))]
internal sealed partial class StoreJson : JsonSerializerContext
{
    /// <summary>Reads and writes in the form of all JSON files of a run.</summary>
    public static StoreJson Instance { get; } = new(new(TrainingRun.Json));
}
