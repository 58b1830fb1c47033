using System.Text.Json;
using System.Text.Json.Serialization;
using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>The card of an imported body: NAME.json beside NAME.onnx.</summary>
/// <param name="Features">The network's last edge.</param>
/// <param name="Why">What was recognised there.</param>
/// <param name="Sha256">Of the stored .onnx, lower-case hexadecimal.</param>
/// <param name="SourceSha256">Of the file that was imported.</param>
/// <param name="MultiplyAdds">Of one image.</param>
/// <param name="FeatureWidth">Channels of the feature map, or features.</param>
internal sealed record StoredCard(
    int Version,
    string Name,
    string Features,
    FeatureKind Kind,
    string Why,
    Preprocessing Preprocessing,
    string? Licence,
    string? Origin,
    string Sha256,
    string SourceSha256,
    long Parameters,
    long MultiplyAdds,
    long FeatureWidth
)
{
    public const int CurrentVersion = 1;

    private const long LongestFile = 1 << 20;
    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <exception cref="GraftException">It is missing, damaged or of another version.</exception>
    public static StoredCard Read(string path)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > LongestFile })
            {
                throw new GraftException(
                    $"'{Printable.Text(path)}' cannot be used: it is too long for a card; import the network again"
                );
            }

            StoredCard? card = JsonSerializer.Deserialize<StoredCard>(File.ReadAllText(path), s_json);
            return
                card
                    is {
                        Version: StoredCard.CurrentVersion,
                        Name: not null,
                        Features: not null,
                        Preprocessing: not null,
                        Sha256: not null,
                        SourceSha256: not null
                    }
                && Enum.IsDefined(card.Kind)
                ? card with
                {
                    Preprocessing = card.Preprocessing.Checked(),
                }
                : throw new GraftException(
                    $"'{Printable.Text(path)}' cannot be used: fields are missing or of another version; import the network again"
                );
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new GraftException(
                $"'{Printable.Text(path)}' cannot be used: {Printable.Text(error.Message.ReplaceLineEndings(" ").TrimEnd('.'))}; import the network again",
                error
            );
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, s_json);
}
