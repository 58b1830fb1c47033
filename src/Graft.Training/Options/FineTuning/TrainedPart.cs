using System.Text.Json;
using System.Text.Json.Serialization;

namespace Graft.Training;

/// <summary>
/// Which layers of the body fine-tuning trains: the ones behind an edge, or the last ones up to a share of the body's
/// work. In options.json it is a number (the share) or a text (the edge).
/// </summary>
[JsonConverter(typeof(TrainedPartJson))]
public sealed record TrainedPart
{
    private TrainedPart() { }

    /// <summary>No layer of the body: only the head is trained.</summary>
    public static TrainedPart HeadOnly { get; } = LastShare(0);

    /// <summary>The whole body.</summary>
    public static TrainedPart Whole { get; } = LastShare(1);

    /// <summary>Share of the body's multiply-adds, 0 to 1; null if <see cref="Edge"/> is given.</summary>
    public double? Share { get; private init; }

    /// <summary>The edge or block at which training starts; null if <see cref="Share"/> is given.</summary>
    public string? Edge { get; private init; }

    /// <summary>The last layers.</summary>
    /// <param name="share">Largest share of the body's multiply-adds, 0 to 1.</param>
    public static TrainedPart LastShare(double share) =>
        share is >= 0 and <= 1
            ? new() { Share = share }
            : throw new ArgumentOutOfRangeException(nameof(share), share, "a share lies between 0 and 1");

    /// <summary>The layers behind an edge, or from a block on.</summary>
    /// <param name="edge">Name of an edge (<see cref="BodyCut.Edge"/>) or of a block, such as layer4 or blocks.5. An
    /// edge
    /// of that name has precedence.</param>
    public static TrainedPart FromEdge(string edge)
    {
        ArgumentException.ThrowIfNullOrEmpty(edge);
        return new() { Edge = edge };
    }

    /// <inheritdoc/>
    public override string ToString() => Edge ?? FormattableString.Invariant($"{Share}");
}

/// <summary>A share is a number in JSON, an edge a text.</summary>
internal sealed class TrainedPartJson : JsonConverter<TrainedPart>
{
    public override TrainedPart Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType switch
        {
            JsonTokenType.Number when reader.GetDouble() is >= 0 and <= 1 and double share => TrainedPart.LastShare(
                share
            ),
            JsonTokenType.String when reader.GetString() is { Length: > 0 } edge => TrainedPart.FromEdge(edge),
            _ => throw new JsonException("the trained part is a share from 0 to 1, or the name of an edge or a block"),
        };

    public override void Write(Utf8JsonWriter writer, TrainedPart value, JsonSerializerOptions options)
    {
        if (value.Share is double share)
        {
            writer.WriteNumberValue(share);
        }
        else
        {
            writer.WriteStringValue(value.Edge);
        }
    }
}
