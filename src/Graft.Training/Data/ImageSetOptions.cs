using Graft.Imaging;
using Graft.Prediction;

namespace Graft.Training;

/// <summary>Requirements and limits of a set of images.</summary>
public sealed record ImageSetOptions
{
    /// <summary>
    /// Smallest number of classes: 2 for training, 1 is enough to evaluate a model. With several labels an image, 1 is
    /// always enough.
    /// </summary>
    public int LeastClasses { get; init; } = 2;

    /// <summary>
    /// Smallest number of usable images per class: 2 for training, 1 is enough to evaluate a model. A split that draws
    /// a test and a validation part needs 3. With several labels an image, a class may be rarer: a warning names it.
    /// </summary>
    public int LeastImages { get; init; } = 2;

    /// <summary>
    /// Whether each image has one label or any number. Null: decided by the data; several where an image has not
    /// exactly one.
    /// </summary>
    public ClassificationTask? Task { get; init; }

    /// <summary>How folders and lists are read.</summary>
    public DataOptions Data
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = new();

    /// <summary>Deepest level of nested folders, 1 to 1000.</summary>
    public int Depth { get; init; } = new Limits().FolderDepth;

    /// <summary>
    /// True: links in a folder are followed, wherever they lead. False, for folders from outside: they are unusable.
    /// </summary>
    public bool FollowLinks { get; init; } = true;

    /// <summary>Limits of one image. Images beyond them are rejected.</summary>
    public DecodeLimits Limits
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = new();

    internal static ImageSetOptions Of(DataPlan plan) =>
        new()
        {
            Limits = plan.ImageLimits,
            Depth = plan.FolderDepth,
            Data = plan.Reading,
            Task = plan.Task,
        };
}
