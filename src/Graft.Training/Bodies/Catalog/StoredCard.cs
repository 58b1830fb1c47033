using System.Text.Json;
using System.Text.Json.Serialization;
using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>The card of an imported body, stored as NAME.json beside NAME.onnx.</summary>
/// <param name="Version">Version of the format.</param>
/// <param name="Name">Name of the body.</param>
/// <param name="Features">The network's last edge.</param>
/// <param name="Kind">Whether that edge is a feature map or a vector.</param>
/// <param name="Why">Why the body ends at that edge.</param>
/// <param name="Preprocessing">How images are prepared.</param>
/// <param name="Licence">Licence of the weights; null where unknown.</param>
/// <param name="Origin">Name of the imported file.</param>
/// <param name="Sha256">SHA-256 of the stored .onnx, lower-case hexadecimal.</param>
/// <param name="SourceSha256">SHA-256 of the imported file, lower-case hexadecimal.</param>
/// <param name="Parameters">Number of trainable values.</param>
/// <param name="MultiplyAdds">Multiply-adds for one image.</param>
/// <param name="FeatureWidth">Number of channels of the feature map, or length of the feature vector.</param>
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
    /// <summary>The version that is written and read.</summary>
    public const int CurrentVersion = 1;

    private const long LongestFile = 1 << 20;
    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Reads and checks a card.</summary>
    /// <exception cref="GraftException">The card is missing, damaged or has another version.</exception>
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
                    is
                {
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
                    $"'{Printable.Text(path)}' cannot be used: it lacks fields or has another version; "
                        + "import the network again"
                );
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            string reason = Printable.Text(error.Message.ReplaceLineEndings(" ").TrimEnd('.'));
            throw new GraftException(
                $"'{Printable.Text(path)}' cannot be used: {reason}; import the network again",
                error
            );
        }
    }

    /// <summary>The text of the card's file.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, s_json);
}
