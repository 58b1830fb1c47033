namespace Graft.Training.Data;

/// <summary>A folder whose folders are classes.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Part">Part of all its images; null: drawn by the split.</param>
internal sealed record ClassRoot(FolderNode Folder, ImagePart? Part);
