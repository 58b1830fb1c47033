using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Graft.Prediction;

namespace Graft.Cli.Views;

/// <summary>
/// One JSON document on standard output: indented, UTF-8, letters of all scripts as they are, control characters
/// escaped.
/// </summary>
internal static class JsonOutput
{
    private static readonly JsonWriterOptions s_options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
    };

    public static void Write(TextWriter output, Action<Utf8JsonWriter> write)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, s_options))
        {
            write(json);
        }

        output.WriteLine(Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length));
    }

    /// <summary>Writes a JSON text in the form of all documents of the command.</summary>
    public static void Write(TextWriter output, string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        Write(output, document.RootElement.WriteTo);
    }

    public static void Texts(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    public static void Numbers(Utf8JsonWriter json, string name, IEnumerable<long> values)
    {
        json.WriteStartArray(name);
        foreach (long value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }

    /// <summary>The members of one prediction, with its <paramref name="top"/> most probable classes.</summary>
    /// <param name="areSets">True where an image may have several labels.</param>
    public static void Prediction(
        Utf8JsonWriter json,
        Graft.Prediction.ImagePrediction prediction,
        int top,
        bool areSets = false
    )
    {
        json.WriteString("label", prediction.Label);
        json.WriteNumber("probability", prediction.Probability);
        if (areSets)
        {
            Texts(json, "labels", prediction.Labels);
            Texts(json, "unsureLabels", prediction.UnsureLabels);
        }

        json.WriteBoolean("sure", prediction.IsSure);
        json.WriteBoolean("familiar", prediction.IsFamiliar);
        if (prediction.Unfamiliarity is double unfamiliarity)
        {
            json.WriteNumber("unfamiliarity", unfamiliarity);
        }

        if (prediction.Note is string note)
        {
            json.WriteString("note", note);
        }

        json.WriteStartArray("scores");
        foreach (LabelScore score in prediction.Scores.Take(top))
        {
            json.WriteStartObject();
            json.WriteString("label", score.Label);
            json.WriteNumber("probability", score.Probability);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
