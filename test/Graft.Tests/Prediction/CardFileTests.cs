using Graft.Prediction;

namespace Graft.Tests.Prediction;

public sealed class CardFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a/model.onnx", "a/model.json")]
    [InlineData("MODEL.ONNX", "MODEL.json")]
    [InlineData("a.b/model", "a.b/model.json")]
    [InlineData("model.json", "model.json.json")]
    public void The_card_has_the_name_of_its_model(string model, string card) =>
        Assert.Equal(card, ModelCard.PathBeside(model));

    [Fact]
    public void The_file_holds_the_card_of_the_metadata_and_letters_as_they_are()
    {
        ModelCard card = TinyClassifier.Card(TinyClassifier.Network()) with { Labels = ["rød", "grøn", "blå"] };
        string model = Path.Combine(_folder.Root, "model.onnx");

        card.WriteBeside(model);
        string json = File.ReadAllText(Path.Combine(_folder.Root, "model.json"));

        Assert.Equal(card.ToJson(), ModelCard.Parse(json, model).ToJson());
        Assert.Contains("    \"rød\",\n", json, StringComparison.Ordinal);
        Assert.EndsWith("}\n", json, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_folder.Root));
    }
}
