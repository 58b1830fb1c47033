using System.Globalization;
using System.Text.Json.Serialization;
using Graft.Imaging;
using Graft.Onnx;

namespace Graft;

/// <summary>
/// Limits on the size of files and folders, checked before memory is reserved. The defaults exceed what honest data
/// need and fit a laptop.
/// </summary>
public sealed record Limits
{
    /// <summary>Limits on one image.</summary>
    public DecodeLimits Image
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = new();

    /// <summary>Depth of nested folders, 1 to 1000. The default is 16.</summary>
    public int FolderDepth { get; init; } = 16;

    /// <summary>
    /// Bytes of an ONNX file, and of all its external weight files together. The default, 2 GiB less one byte, is the
    /// largest size that protobuf supports.
    /// </summary>
    public long ModelBytes { get; init; } = int.MaxValue;

    /// <summary>
    /// Nodes in the graph of an ONNX file. The default is 100,000; the largest classifiers have about 5,000.
    /// </summary>
    public int ModelNodes { get; init; } = 100_000;

    /// <summary>The limits that apply to an ONNX file.</summary>
    [JsonIgnore]
    public OnnxLimits Onnx =>
        new()
        {
            FileBytes = ModelBytes,
            ExternalBytes = ModelBytes,
            Nodes = ModelNodes,
        };

    /// <summary>Every limit that is out of its range; empty where all can be used.</summary>
    public IReadOnlyList<OptionProblem> FindProblems()
    {
        Range[] ranges =
        [
            new("Image.FileBytes", Image.FileBytes, Array.MaxLength),
            new("Image.Pixels", Image.Pixels, 700e6),
            new("Image.Side", Image.Side, 1e7),
            new("Image.Memory", Image.Memory, 1L << 40),
            new("Image.Time", Image.Time.TotalSeconds, 3600),
            new("FolderDepth", FolderDepth, 1000),
            new("ModelBytes", ModelBytes, int.MaxValue),
            new("ModelNodes", ModelNodes, 1e7),
        ];
        return
        [
            .. ranges
                .Where(limit => !(limit.Value > 0 && limit.Value <= limit.Largest))
                .Select(limit => new OptionProblem(
                    limit.Property,
                    limit.Value.ToString(CultureInfo.InvariantCulture),
                    string.Create(CultureInfo.InvariantCulture, $"it must lie above 0, at most {limit.Largest:0}")
                )),
        ];
    }

    private sealed record Range(string Property, double Value, double Largest);
}
