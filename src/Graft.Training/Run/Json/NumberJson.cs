using System.Text.Json;
using System.Text.Json.Serialization;

namespace Graft.Training.Run;

/// <summary>A number that is not finite is null in JSON; null is read as positive infinity.</summary>
internal sealed class FiniteOrNullJson : JsonConverter<double>
{
    public override bool HandleNull => true;

    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number ? reader.GetDouble() : double.PositiveInfinity;

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
