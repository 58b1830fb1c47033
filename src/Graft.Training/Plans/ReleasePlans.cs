using System.Text.Json;
using Graft.Training.Release;
using Graft.Training.Run;

namespace Graft.Training.Plans;

/// <summary>Resolves the options of export and evaluation.</summary>
internal static class ReleasePlans
{
    /// <summary>The plan of a run's export and evaluation.</summary>
    /// <param name="options">The options of the run, with all defaults resolved.</param>
    public static ReleasePlan Of(TrainingOptions options) =>
        new()
        {
            Pooling = options.Head.Pooling,
            MaxError = options.MaxError,
            Threshold = options.Threshold ?? LabelThreshold.BestF1,
            Recipe = JsonSerializer.SerializeToElement(options, RunOptionsJson.Instance.TrainingOptions),
            ImageLimits = options.Limits.Image,
            Threads = options.ExtractionThreads,
        };
}
