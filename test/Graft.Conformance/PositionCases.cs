using System.Text.Json;
using Graft.Training.Bodies;

namespace Graft.Conformance;

/// <summary>Cases for the position embeddings of transformers.</summary>
internal static class PositionCases
{
    private const double RoundingTolerance = 1e-3;

    /// <summary>A case of position_embedding.json: a transformer's position embedding on other grids.</summary>
    public static ConformanceCase All(string name, string json) => new(name, _ =>
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(json));
            const int Side = 14;
            const int Channels = 384;
            float[] values = FillingRule.Weight("pos_embed", [1, 1 + (Side * Side), Channels]);
            string? difference = document
                .RootElement.GetProperty("results")
                .EnumerateObject()
                .Select(grid =>
                {
                    int[] sides = [.. grid.Name.Split('x').Select(int.Parse)];
                    float[] all = PositionEmbedding.Resample(values, 1, Side, sides[0], sides[1], Channels);
                    double[] first = [.. all.Take(4 * Channels).Select(x => (double)x)];
                    return Digest.Read(grid.Value).Difference(grid.Name, new([4, Channels], first), RoundingTolerance);
                })
                .FirstOrDefault(text => text is not null);
            return difference is null ? Verdict.Passed : Verdict.Failed(difference);
        });
}
