using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Graft.Training;

/// <summary>
/// From which probability a label is given, where images may have several labels. In options.json it is a number (the
/// probability) or a text ("f1", "precision=0.95").
/// </summary>
[JsonConverter(typeof(LabelThresholdJson))]
public sealed record LabelThreshold
{
    private const string BestF1Text = "f1";
    private const string PrecisionText = "precision=";

    private LabelThreshold() { }

    /// <summary>For each label the probability of the highest F1 on held-out images: the default.</summary>
    public static LabelThreshold BestF1 { get; } = new();

    /// <summary>The probability of every label, 0 to 1; null if it is chosen on held-out images.</summary>
    public double? Fixed { get; private init; }

    /// <summary>
    /// Share of the given labels, 0 to 1, that shall be right on held-out images; null if the threshold is fixed or the
    /// one of the highest F1.
    /// </summary>
    public double? Precision { get; private init; }

    /// <summary>The same probability for every label.</summary>
    /// <param name="probability">0 to 1.</param>
    public static LabelThreshold At(double probability) => new() { Fixed = Share(probability, nameof(probability)) };

    /// <summary>
    /// For each label the lowest probability from which this share of the given labels was right on held-out images; 1
    /// where there is none.
    /// </summary>
    /// <param name="precision">0 to 1.</param>
    public static LabelThreshold ForPrecision(double precision) =>
        new() { Precision = Share(precision, nameof(precision)) };

    /// <summary>Reads "f1", "precision=0.95" or a probability such as "0.5".</summary>
    /// <param name="text">The text.</param>
    /// <param name="threshold">The threshold; null where the text is none.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out LabelThreshold? threshold)
    {
        threshold = null;
        if (text is null)
        {
            return false;
        }

        if (text.Equals(BestF1Text, StringComparison.OrdinalIgnoreCase))
        {
            threshold = BestF1;
        }
        else if (text.StartsWith(PrecisionText, StringComparison.OrdinalIgnoreCase))
        {
            threshold = Number(text[PrecisionText.Length..]) is double share ? ForPrecision(share) : null;
        }
        else
        {
            threshold = Number(text) is double share ? At(share) : null;
        }

        return threshold is not null;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        Fixed is double probability ? FormattableString.Invariant($"{probability}")
        : Precision is double precision ? FormattableString.Invariant($"{PrecisionText}{precision}")
        : BestF1Text;

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
        && number is >= 0 and <= 1
            ? number
            : null;

    private static double Share(double value, string name) =>
        value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(name, value, "it lies between 0 and 1");
}

/// <summary>A probability is a number in JSON, the others a text.</summary>
internal sealed class LabelThresholdJson : JsonConverter<LabelThreshold>
{
    public override LabelThreshold Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        string? text = reader.TokenType switch
        {
            JsonTokenType.Number => reader.GetDouble().ToString("R", CultureInfo.InvariantCulture),
            JsonTokenType.String => reader.GetString(),
            _ => null,
        };
        return LabelThreshold.TryParse(text, out LabelThreshold? threshold)
            ? threshold
            : throw new JsonException("a threshold of labels is f1, precision=SHARE or a probability from 0 to 1");
    }

    public override void Write(Utf8JsonWriter writer, LabelThreshold value, JsonSerializerOptions options)
    {
        if (value.Fixed is double probability)
        {
            writer.WriteNumberValue(probability);
        }
        else
        {
            writer.WriteStringValue(value.ToString());
        }
    }
}
