using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>What `export` was told to do.</summary>
/// <param name="Path">The file to write.</param>
/// <param name="Images">Folder, list or archive; null: the images of the run.</param>
/// <param name="SplitFile">A split.csv with the parts of the images; null: their own, or drawn as in training.</param>
/// <param name="Reading">How the images are read.</param>
/// <param name="Options">How to export.</param>
/// <param name="IsJson">Whether the result is one JSON document.</param>
internal sealed record ExportRequest(
    string Path,
    string? Images,
    string? SplitFile,
    ImageSetOptions Reading,
    ExportOptions Options,
    bool IsJson
);
