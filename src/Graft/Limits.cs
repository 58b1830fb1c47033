using Graft.Imaging;
using Graft.Onnx;

namespace Graft;

/// <summary>
/// What files and folders may ask for before they are refused. The defaults are more than honest data need and less
/// than a laptop has.
/// </summary>
public sealed record Limits
{
    /// <summary>Of one image.</summary>
    public DecodeLimits Image { get; init; } = new();

    /// <summary>How deep folders may lie within each other, 1 to 1000. 16.</summary>
    public int FolderDepth { get; init; } = 16;

    /// <summary>
    /// Bytes of an ONNX file, and of all files that it keeps its weights in together. 2 GiB less a byte, where protobuf
    /// ends.
    /// </summary>
    public long ModelBytes { get; init; } = int.MaxValue;

    /// <summary>Nodes of an ONNX file's graph. 100,000; the largest classifiers have some 5,000.</summary>
    public int ModelNodes { get; init; } = 100_000;

    /// <summary>The limits of an ONNX file among these.</summary>
    public OnnxLimits Onnx =>
        new()
        {
            FileBytes = ModelBytes,
            ExternalBytes = ModelBytes,
            Nodes = ModelNodes,
        };

    /// <summary>Lists the limits that are out of range: one sentence each, without a full stop.</summary>
    /// <returns>An empty list if all limits can be used.</returns>
    public IReadOnlyList<string> FindProblems()
    {
        (string Name, double Value, double Most)[] all =
        [
            ("file bytes", Image.FileBytes, Array.MaxLength),
            ("pixels", Image.Pixels, 700e6),
            ("side", Image.Side, 1e7),
            ("image memory", Image.Memory, 1L << 40),
            ("decode seconds", Image.Time.TotalSeconds, 3600),
            ("folder depth", FolderDepth, 1000),
            ("model bytes", ModelBytes, int.MaxValue),
            ("model nodes", ModelNodes, 1e7),
        ];
        return
        [
            .. all.Where(one => !(one.Value > 0 && one.Value <= one.Most))
                .Select(one =>
                    $"'limit of {one.Name}' cannot be {one.Value}: it must lie above 0, at most {one.Most:0}"
                ),
        ];
    }
}
