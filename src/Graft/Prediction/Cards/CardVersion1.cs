using System.Text.Json;
using Graft.Imaging;

namespace Graft.Prediction;

/// <summary>The JSON of a card of version 1, which had one body and one label a picture. It is only read.</summary>
internal sealed record CardVersion1(
    int Version,
    IReadOnlyList<string> Labels,
    Preprocessing Preprocessing,
    BodyCard Body,
    JsonElement? Recipe,
    string? DataFingerprint,
    ImageCounts Images,
    ModelScores Scores,
    double Temperature,
    double? UnsureBelow,
    string CreatedBy,
    SelfTest SelfTest
)
{
    public ModelCard ToCard() =>
        new()
        {
            Version = Version,
            Labels = Labels,
            Preprocessing = Preprocessing,
            Bodies = [Body],
            Recipe = Recipe,
            DataFingerprint = DataFingerprint,
            Images = Images,
            Scores = Scores,
            Temperature = Temperature,
            UnsureBelow = UnsureBelow,
            CreatedBy = CreatedBy,
            SelfTest = SelfTest,
        };
}
