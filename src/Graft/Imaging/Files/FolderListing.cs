namespace Graft.Imaging;

/// <summary>What <see cref="ImageFolder.List"/> found in a folder.</summary>
/// <param name="Files">The files, in ordinal order of their paths.</param>
/// <param name="Folders">The folders below, in ordinal order of their paths.</param>
public sealed record FolderListing(IReadOnlyList<FolderFile> Files, IReadOnlyList<ListedFolder> Folders);
