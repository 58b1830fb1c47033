using System.Text.Json;
using Graft.Conformance;
using Graft.Training.Bodies;

namespace Graft.Training.Tests.Bodies;

public sealed class PositionEmbeddingTests
{
    private const int Side = 14;
    private const int Channels = 384;
    private const double Tolerance = 1e-4; // float32 values of about 0.004

    [Fact]
    public void Other_grids_get_the_values_that_timm_gives_them()
    {
        using JsonDocument golden = JsonDocument.Parse(
            File.ReadAllBytes(SharedData.Find("golden/architectures_timm/position_embedding.json"))
        );
        float[] values = FillingRule.Weight("pos_embed", [1, 1 + (Side * Side), Channels]);
        JsonProperty[] grids = [.. golden.RootElement.GetProperty("results").EnumerateObject()];

        Assert.NotEmpty(grids);
        Assert.All(grids, grid =>
        {
            int[] sides = [.. grid.Name.Split('x').Select(int.Parse)];
            float[] resampled = PositionEmbedding.Resample(values, 1, Side, sides[0], sides[1], Channels);

            Assert.Equal((1 + (sides[0] * sides[1])) * Channels, resampled.Length);
            Digest.Read(grid.Value).AssertMatches(resampled[..(4 * Channels)], Tolerance, grid.Name);
            double mean = resampled.Average(x => (double)x);
            double deviation = Math.Sqrt(resampled.Average(x => (x - mean) * (x - mean)));
            Assert.Equal(grid.Value.GetProperty("mean_of_all").GetDouble(), mean, Tolerance * deviation);
            Assert.Equal(grid.Value.GetProperty("std_of_all").GetDouble(), deviation, Tolerance * deviation);
        });
    }

    [Fact]
    public void The_same_grid_keeps_its_values_to_the_bit()
    {
        float[] values = FillingRule.Weight("pos_embed", [1, 1 + (4 * 4), 8]);

        Assert.Equal(values, PositionEmbedding.Resample(values, 1, 4, 4, 4, 8));
    }
}
