using System.Text.Json;
using Graft.Infrastructure;

namespace Graft.Prediction;

/// <summary>Reads the JSON of a card, which is untrusted text.</summary>
internal static class ModelCardReader
{
    /// <summary>Deepest nesting of the JSON; training options need 4 levels.</summary>
    public const int Depth = 16;

    /// <summary>Longest card: 10,000 labels of 200 characters and their expected probabilities fit.</summary>
    private const int Characters = 4 << 20;

    private const string WayOut = "train or export the model again with Graft";

    /// <exception cref="ModelCardException">The card is missing, damaged or of an unknown version.</exception>
    public static ModelCard Read(string? json, string name)
    {
        if (json is null)
        {
            throw new ModelCardException(
                name,
                $"it has no card (metadata '{ModelCard.MetadataKey}'), "
                    + $"so its labels and preprocessing are unknown; {WayOut}"
            );
        }

        if (json.Length > Characters)
        {
            throw new ModelCardException(
                name,
                $"its card is {json.Length:N0} characters long, more than the limit of {Characters:N0}; {WayOut}"
            );
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = Depth });
            ModelCard? card =
                VersionOf(document.RootElement, name) == 1
                    ? document.Deserialize(ModelCardJson.Version1)?.ToCard()
                    : document.Deserialize(ModelCardJson.Version2)?.ToCard();
            _ = card ?? throw new JsonException("it is null");
            return ModelCardCheck.Check(Frozen(card), name);
        }
        catch (Exception error)
            when (error is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new ModelCardException(
                name,
                $"its card is damaged ({Printable.Text(FirstLine(error.Message), 200)}); {WayOut}",
                error
            );
        }
    }

    // Makes the lists read-only, and copies the training options out of the document.
    private static ModelCard Frozen(ModelCard card) =>
        card with
        {
            Labels = Array.AsReadOnly([.. card.Labels]),
            Outputs = Array.AsReadOnly([.. card.Outputs]),
            Bodies = Array.AsReadOnly([.. card.Bodies]),
            Thresholds = card.Thresholds is { } thresholds ? Array.AsReadOnly([.. thresholds]) : null,
            SelfTest = card.SelfTest with { Expected = Array.AsReadOnly([.. card.SelfTest.Expected]) },
            Recipe = card.Recipe?.Clone(),
        };

    // Comes first: a later version may have other members, and the message must be about the version.
    private static int VersionOf(JsonElement root, string name)
    {
        bool isNumbered =
            root.ValueKind == JsonValueKind.Object
            && root.TryGetProperty("version", out JsonElement version)
            && version.ValueKind == JsonValueKind.Number;
        if (!isNumbered || !root.GetProperty("version").TryGetInt32(out int number))
        {
            throw new JsonException("it has no version number");
        }

        if (number is < ModelCard.OldestVersion or > ModelCard.CurrentVersion)
        {
            string wayOut = number > ModelCard.CurrentVersion ? "update Graft" : WayOut;
            throw new ModelCardException(
                name,
                $"its card has version {number}, and this program reads versions {ModelCard.OldestVersion} to "
                    + $"{ModelCard.CurrentVersion}; {wayOut}"
            );
        }

        return number;
    }

    private static string FirstLine(string message) => message.Split('\n')[0].Trim().TrimEnd('.');
}
