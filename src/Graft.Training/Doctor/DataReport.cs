using System.Text.Json;
using System.Text.Json.Serialization;
using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Training.Doctor;
using Graft.Training.Run;

namespace Graft.Training;

/// <summary>The findings of <see cref="DataDoctor"/> in a set of images; the content of a run's doctor.json.</summary>
public sealed record DataReport
{
    private const int ExamplesShown = 3;
    private const long LongestFile = 1 << 30;

    [JsonConstructor]
    internal DataReport() { }

    /// <summary>Number of files that were meant as images.</summary>
    [JsonPropertyName("images")]
    public required int ImageCount { get; init; }

    /// <summary>Number of images that can be decoded.</summary>
    [JsonPropertyName("usable")]
    public required int UsableCount { get; init; }

    /// <summary>The classes with the number of their images, in the order of the model's outputs.</summary>
    public required IReadOnlyList<ClassSize> Classes { get; init; }

    /// <summary>Largest difference of two perceptual hashes that were taken for the same picture.</summary>
    [JsonPropertyName("sketchThreshold")]
    public required double HashThreshold { get; init; }

    /// <summary>
    /// Smallest cosine of two images' features that were taken for the same picture; null if features were not
    /// compared.
    /// </summary>
    public double? FeatureThreshold { get; init; }

    /// <summary>
    /// Median share of an image that the network's centre crop leaves out, 0 to 1. 0 where all of each image is shown.
    /// A square photograph usually loses 0.23, and one of 4 to 3 loses 0.43.
    /// </summary>
    public double CroppedShare { get; init; }

    /// <summary>Number of findings of each kind.</summary>
    public IReadOnlyDictionary<FindingKind, int> Kinds =>
        Findings
            .GroupBy(finding => finding.Kind)
            .OrderBy(kind => kind.Key)
            .ToDictionary(kind => kind.Key, kind => kind.Count());

    /// <summary>The findings, by kind.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>
    /// The labels according to out-of-fold probes, the most suspicious first; empty if no probes were fitted.
    /// </summary>
    internal IReadOnlyList<LabelOpinion> Labels { get; init; } = [];

    /// <summary>The images that were examined; null in a report that was read from a file.</summary>
    internal ImageSet? Set { get; init; }

    /// <summary>What decoding one image may cost.</summary>
    internal DecodeLimits Limits { get; init; } = new();

    /// <summary>Reads a doctor.json.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="GraftException">The file cannot be read.</exception>
    public static DataReport Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return JsonFile.Read(path, LongestFile, DoctorJson.Instance.DataReport);
    }

    /// <summary>The content of doctor.json.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, DoctorJson.Instance.DataReport);

    /// <summary>The findings of each kind in one line each, in the order of <see cref="FindingKind"/>.</summary>
    public IReadOnlyList<FindingSummary> Summarize() =>
        [
            .. Findings
                .GroupBy(finding => finding.Kind)
                .OrderBy(kind => kind.Key)
                .Select(kind => new FindingSummary(
                    kind.Key,
                    Words(kind.Key),
                    kind.Max(finding => finding.Severity),
                    kind.Count(),
                    ExamplesOf(kind)
                )),
        ];

    /// <summary>A kind in words, such as "near duplicate".</summary>
    internal static string Words(FindingKind kind) =>
        kind switch
        {
            FindingKind.NotAnImage => "not an image",
            FindingKind.OverLimit => "over a limit",
            FindingKind.Cmyk => "CMYK",
            FindingKind.SixteenBit => "16 bits",
            FindingKind.Rotated => "EXIF-rotated",
            _ => string.Concat(
                kind.ToString()
                    .Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : " ") + char.ToLowerInvariant(c) : c.ToString())
            ),
        };

    private static string ExamplesOf(IEnumerable<Finding> findings)
    {
        Finding[] all = [.. findings.OrderByDescending(finding => finding.Severity)];
        return string.Join(", ", all.Take(ExamplesShown).Select(Example)) + (all.Length > ExamplesShown ? ", …" : "");
    }

    private static string Example(Finding finding) =>
        Printable.Text(finding.Path, 80) + (finding.Other is null ? "" : $" = {Printable.Text(finding.Other, 80)}");
}
