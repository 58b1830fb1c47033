using Graft.Infrastructure;

namespace Graft.Training.Extraction;

/// <summary>The merged rows of a store of shards, for a training. Thread-safe.</summary>
internal sealed class FeatureStore : IDisposable
{
    private readonly string _folder;

    private FeatureStore(string folder, MergedManifest manifest, StoredRows rows) =>
        (_folder, Manifest, Rows) = (folder, manifest, rows);

    /// <summary>What the rows are.</summary>
    public MergedManifest Manifest { get; }

    /// <summary>The rows.</summary>
    public StoredRows Rows { get; }

    /// <summary>True where some rows have the bits of another kind of machine than this one.</summary>
    public bool IsMixed => !IsOfThisMachine(Manifest);

    /// <summary>Opens a store.</summary>
    /// <param name="folder">The folder of the store, whose shards are merged.</param>
    /// <param name="allowsMixed">True: rows of other instruction sets may be used.</param>
    /// <exception cref="StoreException">It cannot be used.</exception>
    public static FeatureStore Open(string folder, bool allowsMixed)
    {
        StoreFolder store = new(folder);
        MergedManifest manifest = store.ReadMerged()
            ?? throw new StoreException(folder, "it holds no merged features; merge its shards");
        long bytes = new FileInfo(store.MergedPath) is { Exists: true } file ? file.Length : 0;
        if (bytes != manifest.Bytes)
        {
            throw new StoreException(
                folder,
                $"{StoreFolder.MergedName} has {bytes:N0} bytes instead of {manifest.Bytes:N0}; merge its shards again"
            );
        }

        if (!allowsMixed && !IsOfThisMachine(manifest))
        {
            throw new StoreException(
                folder,
                $"its features were computed by {StoreMerge.NamesOf(manifest.Machines)}, and "
                    + "this machine would compute other bits; train on such a machine, or allow mixed machines"
            )
            {
                Option = nameof(TrainingOptions.MixedMachines),
            };
        }

        return new(folder, manifest, StoredRows.Open(store.MergedPath));
    }

    /// <summary>Refuses a training that needs other rows than those of the store.</summary>
    /// <param name="streams">The parts of the keys that its rows share, in hexadecimal.</param>
    /// <param name="needed">What it needs, for the message.</param>
    /// <exception cref="StoreException">The store has none of some of them.</exception>
    public void Require(IEnumerable<string> streams, string needed)
    {
        if (streams.Except(Manifest.Streams).Any())
        {
            throw new StoreException(
                _folder,
                $"it lacks {Printable.Text(needed)}: it was extracted with another body or other options; extract "
                    + "with the options of this training"
            );
        }
    }

    public void Dispose() => Rows.Dispose();

    private static bool IsOfThisMachine(MergedManifest manifest) =>
        manifest.Machines.All(machine => EngineSelection.IsHere(machine));
}
