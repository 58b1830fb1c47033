using Graft.Training.Extraction;
using Graft.Training.Pipeline;
using Graft.Training.Run;
using Microsoft.Data.Sqlite;

namespace Graft.Training;

/// <summary>
/// Extracts features and activations on several machines. Each process does its shard and puts it into a folder that
/// all of them see. Merged, they serve <see cref="TrainingOptions.FeaturesFrom"/>. Any scheduler can start the
/// processes, more than once and in any order.
/// </summary>
public static class FeatureShards
{
    /// <summary>
    /// Extracts one shard. Looks at the images of other shards, too, as far as nobody has done so by then. What is
    /// there already is checked and kept.
    /// </summary>
    /// <param name="imagesPath">
    /// A folder with one subfolder for each class; a folder with train, val and test folders of these; a CSV file
    /// (path,label[,split][,group]); an archive; or a list of another tool.
    /// </param>
    /// <param name="storeFolder">Folder of the store. Created where it does not exist.</param>
    /// <param name="options">The shard, and the options of the training to come; null: all images, defaults.</param>
    /// <param name="progress">Receives the events of the work.</param>
    /// <param name="cancel">Stops the work. Units that are complete stay.</param>
    /// <exception cref="OptionsException">An option cannot be used.</exception>
    /// <exception cref="StoreException">The store cannot be used, or an image can no longer be read.</exception>
    /// <exception cref="GraftException">The images or the body cannot be used.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was triggered.</exception>
    public static ShardResult Extract(
        string imagesPath,
        string storeFolder,
        ShardOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(imagesPath);
        ArgumentException.ThrowIfNullOrEmpty(storeFolder);
        ShardOptions asked = options ?? new();
        asked.Validate();
        ImageSet set = ImageSet.Load(imagesPath, ImageSetOptions.Of(DataPlan.Of(asked.Training)), cancel: cancel);
        return Extract(set, storeFolder, asked, progress, cancel);
    }

    /// <inheritdoc cref="Extract(string, string, ShardOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static Task<ShardResult> ExtractAsync(
        string imagesPath,
        string storeFolder,
        ShardOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Extract(imagesPath, storeFolder, options, progress, cancel), CancellationToken.None);

    /// <param name="images">The images: the same set in every process.</param>
    /// <inheritdoc cref="Extract(string, string, ShardOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static ShardResult Extract(
        ImageSet images,
        string storeFolder,
        ShardOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentException.ThrowIfNullOrEmpty(storeFolder);
        ShardOptions asked = options ?? new();
        asked.Validate();
        progress ??= TrainingProgress.None;
        TimeProvider time = TimeProvider.System;
        using IDisposable memory = ProcessMemory.Apply(asked.Training.MemoryPolicy);
        PreparationContext context = new(
            progress,
            new PhaseClock(progress, time),
            time,
            TorchSetup.Threads(asked.Training.Threads)
        )
        {
            TriesFits = false,
        };
        return Guard(storeFolder, () => new ShardWork(storeFolder, images, asked, context).Run(cancel));
    }

    /// <inheritdoc cref="Extract(ImageSet, string, ShardOptions?, IProgress{TrainingEvent}?, CancellationToken)"/>
    public static Task<ShardResult> ExtractAsync(
        ImageSet images,
        string storeFolder,
        ShardOptions? options = null,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Extract(images, storeFolder, options, progress, cancel), CancellationToken.None);

    /// <summary>
    /// Makes one file of all shards. Its bytes do not depend on the number of shards or on their order. Where that is
    /// done already, the file is checked.
    /// </summary>
    /// <param name="storeFolder">Folder of the store.</param>
    /// <param name="mixedMachines">True: shards of machines with different instruction sets may be merged.</param>
    /// <param name="progress">Receives the number of merged units.</param>
    /// <param name="cancel">Stops the merge.</param>
    /// <exception cref="StoreException">A unit is missing, torn or foreign, or the disk refuses.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was triggered.</exception>
    public static MergedFeatures Merge(
        string storeFolder,
        bool mixedMachines = false,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(storeFolder);
        StoreFolder store = new(storeFolder);
        MergedManifest merged = Guard(storeFolder, () =>
            StoreMerge.Run(store, mixedMachines, progress ?? TrainingProgress.None, cancel)
        );
        return new(store.MergedPath, merged.Rows, merged.Bytes, merged.Sha256, merged.Machines.Count == 1);
    }

    /// <inheritdoc cref="Merge"/>
    public static Task<MergedFeatures> MergeAsync(
        string storeFolder,
        bool mixedMachines = false,
        IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default
    ) => Task.Run(() => Merge(storeFolder, mixedMachines, progress, cancel), CancellationToken.None);

    private static T Guard<T>(string storeFolder, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or SqliteException)
        {
            throw StoreException.OfDisk(storeFolder, error);
        }
    }
}
