namespace Graft.Training.Data;

/// <summary>What a split.csv says of an image.</summary>
/// <param name="Label">Its class.</param>
/// <param name="Part">Its part.</param>
/// <param name="Group">Its group; null where it belongs to none.</param>
internal readonly record struct SplitRow(string Label, ImagePart Part, string? Group);
