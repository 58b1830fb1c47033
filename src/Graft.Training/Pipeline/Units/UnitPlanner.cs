using System.Text.Json;
using Graft.Imaging;
using Graft.Training.Bodies;
using Graft.Training.Extraction;
using Graft.Training.FineTuning;
using Graft.Training.Run;

namespace Graft.Training.Pipeline;

/// <summary>Plans the trainings of several seeds, and recognises images and options that were planned.</summary>
/// <param name="imagesPath">Folder, list or archive of the images.</param>
/// <param name="options">The options of the trainings, but for their seeds.</param>
/// <param name="seeds">The seeds.</param>
internal sealed class UnitPlanner(string imagesPath, TrainingOptions options, IReadOnlyList<long> seeds)
{
    /// <summary>Reads images and body, and writes the plan. A plan that is there must be the same.</summary>
    /// <param name="folder">The folder of the plan.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <exception cref="StoreException">The folder holds other work, or the disk refuses.</exception>
    /// <exception cref="GraftException">The images or the body cannot be used.</exception>
    public WorkHeader Write(WorkFolder folder, CancellationToken cancel)
    {
        PreparedBody body = PreparedBody.Load(options, options.Cache);
        Engine engine = EngineSelection.Of(options.Engine, body.Body.Model, options.Cache);
        _ = body.CutFor(options, out _);
        string images = ShardWork.FingerprintOf(LoadImages(imagesPath, options, cancel));
        WorkHeader planned = new(
            WorkHeader.CurrentVersion,
            WorkHeader.OwnGraft,
            RunOptions.Of(imagesPath, options),
            seeds,
            images,
            HashOf(body.Body),
            engine,
            EngineSelection.TrainingFingerprint(engine),
            options.Cache.ViewRoom ?? RoomOf(options.Cache)
        );
        folder.Create();
        folder.Write(planned);
        WorkHeader there = folder.RequireHeader();
        RequireSame(folder, there, planned.Images);
        return there.Body == planned.Body ? there : throw OtherBody(folder);
    }

    /// <summary>The plan of a folder, if it is that of these images, options and seeds.</summary>
    /// <exception cref="StoreException">It is another one.</exception>
    public WorkHeader Require(WorkFolder folder, CancellationToken cancel)
    {
        WorkHeader there = folder.RequireHeader();
        RequireSame(folder, there, ShardWork.FingerprintOf(LoadImages(imagesPath, options, cancel)));
        RequireBody(folder, there, options);
        return there;
    }

    /// <summary>Refuses a body with other weights than the planned one.</summary>
    /// <exception cref="StoreException">It has others.</exception>
    public static void RequireBody(WorkFolder folder, WorkHeader header, TrainingOptions options)
    {
        if (HashOf(TrainableBodyLoader.Load(options.ToBodyPlan())) != header.Body)
        {
            throw OtherBody(folder);
        }
    }

    /// <summary>Reads the images.</summary>
    /// <exception cref="StoreException">An image cannot be read at this moment.</exception>
    public static ImageSet LoadImages(string path, TrainingOptions options, CancellationToken cancel)
    {
        ImageSet set = ImageSet.Load(path, ImageSetOptions.Of(DataPlan.Of(options)), cancel: cancel);
        return set.Rejected.FirstOrDefault(image => image.Fault == ImageFault.Unreadable) is RejectedImage unread
            ? throw new StoreException(unread.Path, unread.Reason) { IsPassing = true }
            : set;
    }

    private void RequireSame(WorkFolder folder, WorkHeader there, string images)
    {
        string? other =
            !there.Seeds.SequenceEqual(seeds)
                ? $"it is planned for {there.Seeds.Count} seeds from {there.Seeds[0]}"
            : there.Images != images ? "it is planned for other images"
            : !Bytes(there.Run).SequenceEqual(Bytes(RunOptions.Of(imagesPath, options)))
                ? "it is planned for other options"
            : null;
        if (other is not null)
        {
            throw new StoreException(folder.Path, $"{other}; give the same ones, or name another folder");
        }
    }

    // Relative paths of files may start from different folders.
    private static byte[] Bytes(RunOptions run) =>
        JsonSerializer.SerializeToUtf8Bytes(run.Located, RunOptionsJson.Instance.TrainingOptions);

    private static string HashOf(TrainableBody body) => FrozenHash.OfFrozen(body.Model, new HashSet<string>());

    private static long RoomOf(CacheOptions cache) =>
        cache.IsOn ? cache.LimitFor(heldBytes: 0) : ActivationStore.MemoryBudget;

    private static StoreException OtherBody(WorkFolder folder) =>
        new(folder.Path, "it is planned for a body with other weights; use the same file on all machines");
}
