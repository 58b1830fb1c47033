using Graft.Imaging;
using Graft.Prediction;

namespace Graft.Training;

/// <summary>Plan of how images are read, inspected and split.</summary>
internal sealed record DataPlan
{
    /// <summary>How folders and lists are read.</summary>
    public DataOptions Reading { get; init; } = new();

    /// <summary>Whether images have one label or any number; null: decided by the data.</summary>
    public ClassificationTask? Task { get; init; }

    /// <summary>Limits of a single image.</summary>
    public DecodeLimits ImageLimits { get; init; } = new();

    /// <summary>Deepest level of nested folders.</summary>
    public int FolderDepth { get; init; } = new Limits().FolderDepth;

    /// <summary>Share of unusable images (0..1) above which the run stops.</summary>
    public double RejectedLimit { get; init; } = 0.01;

    /// <summary>Seed of the split.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Share of all images for the test part, where the data give none.</summary>
    public double TestShare { get; init; } = 0.2;

    /// <summary>Share of the remaining images for the validation part, where the data give none.</summary>
    public double ValidationShare { get; init; } = 0.15;

    /// <summary>Answer to classes of different sizes; null: chosen by the sizes.</summary>
    public Balance? Balance { get; init; }

    /// <summary>Threads that decode images; 0: one per core.</summary>
    public int Threads { get; init; }

    public static DataPlan Of(TrainingOptions options) =>
        new()
        {
            Reading = options.Data,
            Task = options.Task,
            ImageLimits = options.Limits.Image,
            FolderDepth = options.Limits.FolderDepth,
            RejectedLimit = options.RejectedLimit,
            Seed = options.Seed,
            TestShare = options.TestShare,
            ValidationShare = options.ValidationShare,
            Balance = options.Balance,
            Threads = options.ExtractionThreads,
        };
}
