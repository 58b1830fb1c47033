using System.Text.Json;
using Graft.Training.Weights;

namespace Graft.Training.Tests.Weights;

/// <summary>Compares the result of a reader with `golden/files/expected.json`.</summary>
internal static class GoldenFiles
{
    public static IEnumerable<string> Names(string extension, bool refused = false)
    {
        using JsonDocument expected = JsonDocument.Parse(
            File.ReadAllBytes(SharedData.Find("golden/files/expected.json"))
        );
        return
        [
            .. expected
                .RootElement.EnumerateObject()
                .Where(file =>
                    file.Name.EndsWith(extension, StringComparison.Ordinal)
                    && file.Value.TryGetProperty("refused", out _) == refused
                )
                .Select(file => file.Name),
        ];
    }

    public static JsonElement Expected(string name)
    {
        using JsonDocument expected = JsonDocument.Parse(
            File.ReadAllBytes(SharedData.Find("golden/files/expected.json"))
        );
        return expected.RootElement.GetProperty(name).Clone();
    }

    /// <summary>Asserts equal names, types and shapes, and bitwise equal first values.</summary>
    public static void AssertEqual(string name, WeightFile file)
    {
        JsonElement tensors = Expected(name).GetProperty("tensors");
        Assert.Equal(tensors.EnumerateObject().Select(tensor => tensor.Name).Order(), file.Tensors.Keys.Order());
        foreach (JsonProperty tensor in tensors.EnumerateObject())
        {
            WeightTensor found = file.Tensors[tensor.Name];
            Assert.Equal(tensor.Value.GetProperty("dtype").GetString(), found.Type.ToString().ToLowerInvariant());
            Assert.Equal(
                tensor.Value.GetProperty("shape").EnumerateArray().Select(dimension => dimension.GetInt64()),
                found.Shape
            );
            float[] first = [.. tensor.Value.GetProperty("first").EnumerateArray().Select(value => value.GetSingle())];
            Assert.Equal(first, found.ToSingles().Take(first.Length));
            Assert.Equal(found.Count * WeightTensor.SizeOf(found.Type), found.Bytes.Length);
        }
    }
}
