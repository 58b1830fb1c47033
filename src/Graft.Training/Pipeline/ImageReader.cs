using Graft.Training.Data;

namespace Graft.Training.Pipeline;

/// <summary>Reads the images of a run.</summary>
/// <param name="Description">Where they come from, for the user.</param>
/// <param name="Read">
/// Reads, inspects and splits them. Receives the store of earlier inspections, which may be null.
/// </param>
internal sealed record ImageReader(
    string Description,
    Func<InspectionStore?, IProgress<TrainingEvent>, CancellationToken, TrainingData> Read
)
{
    /// <summary>The images of a folder or a list.</summary>
    public static ImageReader OfPath(string path, DataPlan plan) =>
        new(path, (inspections, progress, cancel) => TrainingData.Read(path, plan, progress, cancel, inspections));
}
