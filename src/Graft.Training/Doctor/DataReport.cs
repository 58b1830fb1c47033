using System.Text.Json;
using System.Text.Json.Nodes;
using Graft.Infrastructure;
using Graft.Training.Run;

namespace Graft.Training.Doctor;

/// <summary>All that the doctor has found in a set; doctor.json.</summary>
/// <param name="ImageCount">Files meant as images.</param>
/// <param name="UsableCount">Those that can be decoded.</param>
internal sealed record DataReport(int ImageCount, int UsableCount, IReadOnlyList<Finding> Findings)
{
    private const int ExamplesShown = 3;

    /// <summary>Images by class, in the classes' order.</summary>
    public required IReadOnlyList<(string Name, int Count)> Classes { get; init; }

    /// <summary>The largest difference of two sketches that were taken for the same picture.</summary>
    public required double SketchThreshold { get; init; }

    /// <summary>The least cosine of two images' features that were; null where features were not compared.</summary>
    public double? FeatureThreshold { get; init; }

    /// <summary>
    /// Every image's label as out-of-fold probes see it, the most suspicious first; empty where none were fitted.
    /// </summary>
    public IReadOnlyList<LabelOpinion> Labels { get; init; } = [];

    /// <summary>Rows of the short table: what, how many, a few of them.</summary>
    public IEnumerable<(FindingKind Kind, Severity Severity, int Count, string Examples)> Summary =>
        Findings
            .GroupBy(finding => finding.Kind)
            .OrderBy(kind => kind.Key)
            .Select(kind =>
                (
                    kind.Key,
                    kind.Max(finding => finding.Severity),
                    kind.Count(),
                    string.Join(
                        ", ",
                        kind.OrderByDescending(finding => finding.Severity).Take(ExamplesShown).Select(Example)
                    ) + (kind.Count() > ExamplesShown ? ", …" : "")
                )
            );

    /// <summary>"near duplicate".</summary>
    public static string Words(FindingKind kind) =>
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

    public JsonObject ToJson() =>
        new()
        {
            ["images"] = ImageCount,
            ["usable"] = UsableCount,
            ["classes"] = new JsonArray([
                .. Classes.Select(one => new JsonObject { ["name"] = one.Name, ["images"] = one.Count }),
            ]),
            ["sketchThreshold"] = SketchThreshold,
            ["featureThreshold"] = FeatureThreshold,
            ["kinds"] = new JsonObject(
                Findings
                    .GroupBy(finding => finding.Kind)
                    .OrderBy(kind => kind.Key)
                    .Select(kind =>
                        KeyValuePair.Create(
                            JsonNamingPolicy.CamelCase.ConvertName(kind.Key.ToString()),
                            (JsonNode?)kind.Count()
                        )
                    )
            ),
            ["findings"] = JsonSerializer.SerializeToNode(Findings, TrainingRun.Json),
        };

    private static string Example(Finding finding) =>
        Printable.Text(finding.Path, 80) + (finding.Other is null ? "" : $" = {Printable.Text(finding.Other, 80)}");
}
