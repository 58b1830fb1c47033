namespace Graft.Training.Data;

/// <summary>What a split.csv says of an image.</summary>
/// <param name="Labels">Its class, or its classes.</param>
/// <param name="Part">Its part.</param>
/// <param name="Group">Its group; null where it belongs to none.</param>
internal readonly record struct SplitRow(LabelList Labels, ImagePart Part, string? Group);
