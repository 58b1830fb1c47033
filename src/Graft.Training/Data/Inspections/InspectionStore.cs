namespace Graft.Training.Data;

/// <summary>Results of earlier inspections, so that an image is decoded only once.</summary>
/// <param name="Find">Finds the result for an image by its content; null where there is none.</param>
/// <param name="Add">Stores a result.</param>
internal sealed record InspectionStore(
    Func<LabelledImage, PixelInspection?> Find,
    Action<LabelledImage, PixelInspection> Add
);
