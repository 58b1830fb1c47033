using System.Text.Json;
using System.Text.Json.Serialization;

namespace Graft.Training.Run;

/// <summary>An interval is [low, high] in JSON.</summary>
internal sealed class IntervalJson : JsonConverter<Interval>
{
    public override Interval Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        double[] ends = new double[2];
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("an interval is [low, high]");
        }

        for (int i = 0; i < ends.Length; i++)
        {
            ends[i] =
                reader.Read() && reader.TokenType == JsonTokenType.Number
                    ? reader.GetDouble()
                    : throw new JsonException("an interval is [low, high]");
        }

        return reader.Read() && reader.TokenType == JsonTokenType.EndArray
            ? new(ends[0], ends[1])
            : throw new JsonException("an interval is [low, high]");
    }

    public override void Write(Utf8JsonWriter writer, Interval value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        writer.WriteNumberValue(value.Low);
        writer.WriteNumberValue(value.High);
        writer.WriteEndArray();
    }
}
