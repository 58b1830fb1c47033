using System.Text.Json;

namespace Graft.Prediction;

/// <summary>The JSON of a card of version 2, member by member as docs/reference/model-card.md describes it.</summary>
internal sealed record CardVersion2(
    int Version,
    string Task,
    IReadOnlyList<string> Labels,
    CardInput Input,
    CardResize Resize,
    CardInside Inside,
    IReadOnlyList<OutputCard> Outputs,
    IReadOnlyList<BodyCard> Bodies,
    JsonElement? Recipe,
    string? DataFingerprint,
    ImageCounts Images,
    ModelScores Scores,
    double Temperature,
    IReadOnlyList<double>? Thresholds,
    double? UnsureBelow,
    string? Precision,
    bool? Reproducible,
    string CreatedBy,
    SelfTest SelfTest
)
{
    private const string Single = "single";
    private const string Multi = "multi";
    private const string Half = "float16";
    private const string Bytes = "int8";

    public static CardVersion2 Of(ModelCard card) =>
        new(
            Math.Max(card.Version, ModelCard.CurrentVersion), // a card that was read from an older file is written anew
            card.Task == ClassificationTask.MultiLabel ? Multi : Single,
            card.Labels,
            CardInput.Of(card.Preprocessing),
            CardResize.Of(card.Preprocessing),
            CardInside.Of(card.Preprocessing),
            card.Outputs,
            card.Bodies,
            card.Recipe,
            card.DataFingerprint,
            card.Images,
            card.Scores,
            card.Temperature,
            card.Thresholds,
            card.UnsureBelow,
            card.Precision switch
            {
                ModelPrecision.Float16 => Half,
                ModelPrecision.Int8 => Bytes,
                _ => null,
            },
            card.IsReproducible ? null : false,
            card.CreatedBy,
            card.SelfTest
        );

    /// <exception cref="JsonException">
    /// A member says something of the input, the task or the precision that this program does not do.
    /// </exception>
    public ModelCard ToCard() =>
        new()
        {
            Version = Version,
            Task = Task switch
            {
                Single => ClassificationTask.SingleLabel,
                Multi => ClassificationTask.MultiLabel,
                _ => throw new JsonException("its task is neither single nor multi"),
            },
            Labels = Labels,
            Preprocessing = Inside.ToPreprocessing(Input, Resize),
            Outputs = Outputs,
            Bodies = Bodies,
            Recipe = Recipe,
            DataFingerprint = DataFingerprint,
            Images = Images,
            Scores = Scores,
            Temperature = Temperature,
            Thresholds = Thresholds,
            UnsureBelow = UnsureBelow,
            Precision = Precision switch
            {
                null => ModelPrecision.Float32,
                Half => ModelPrecision.Float16,
                Bytes => ModelPrecision.Int8,
                _ => throw new JsonException("its precision is neither float16 nor int8"),
            },
            IsReproducible = Reproducible ?? true,
            CreatedBy = CreatedBy,
            SelfTest = SelfTest,
        };
}
