using Graft.Onnx;
using Graft.Training.Extraction;

namespace Graft.Training.Tests.Extraction;

public sealed class CutSelectorTests
{
    // A body of 100 multiply-adds: a block that widens inside (b) and ends small (d).
    private static readonly CutPoint[] s_cuts =
    [
        new("x", "input", [3, 32, 32], 0, 100, 0, 100),
        new("a", "Relu", [16, 16, 16], 20, 80, 50, 50),
        new("b", "Relu", [96, 16, 16], 40, 60, 55, 45),
        new("c", "Conv", [16, 8, 8], 60, 40, 65, 35),
        new("d", "Relu", [16, 8, 8], 60, 40, 65, 35),
        new("e", "Relu", [64, 8, 8], 100, 0, 100, 0),
    ];

    [Theory]
    [InlineData(0.5, "a")] // the most work within the share, and smaller activations than b
    [InlineData(0.45, "b")] // nothing else leaves nearly as much
    [InlineData(0.4, "d")] // of two edges of equal size and work, the one behind the activation
    [InlineData(0, "e")]
    [InlineData(1, "x")]
    public void A_share_becomes_a_cut_with_about_as_much_work_and_small_activations(double share, string edge)
    {
        Assert.Equal(edge, CutSelector.Choose(s_cuts, TrainedPart.LastShare(share)).Edge);
    }

    [Theory]
    [InlineData(1, "d")] // 0.4 of it
    [InlineData(40_000_000, "d")] // 4e9
    [InlineData(150_000_000, "e")] // 15e9: an eighth at most
    public void The_default_trains_less_of_a_large_network(long size, string edge)
    {
        CutPoint[] cuts =
        [
            .. s_cuts.Select(cut =>
                cut with
                {
                    MultiplyAddsBefore = cut.MultiplyAddsBefore * size,
                    MultiplyAddsAfter = cut.MultiplyAddsAfter * size,
                }
            ),
        ];
        Assert.Equal(edge, CutSelector.Choose(cuts, null).Edge);
    }

    [Fact]
    public void The_default_trains_the_last_layer_where_it_is_most_of_a_small_network()
    {
        CutPoint[] cuts =
        [
            new("x", "input", [3, 32, 32], 0, 50, 0, 100),
            new("a", "Relu", [8, 16, 16], 10, 40, 40, 60),
            new("b", "Relu", [16, 8, 8], 50, 0, 100, 0),
        ];

        Assert.Equal("a", CutSelector.Choose(cuts, null).Edge);
        Assert.Equal("b", CutSelector.Choose(cuts, TrainedPart.LastShare(0.4)).Edge); // as requested
    }

    [Fact]
    public void An_edge_can_be_chosen_by_name()
    {
        Assert.Equal("c", CutSelector.Choose(s_cuts, TrainedPart.FromEdge("c")).Edge);
    }

    [Fact]
    public void A_later_cut_trains_about_a_third_as_much_and_a_deeper_cut_about_twice_as_much()
    {
        CutPoint[] cuts =
        [
            s_cuts[0],
            s_cuts[1],
            new("f", "Relu", [96, 8, 8], 60, 40, 80, 20),
            new("g", "Relu", [16, 8, 8], 70, 30, 85, 15),
            .. s_cuts[5..],
        ];

        Assert.Equal("g", CutSelector.ThatTrainsLess(cuts, cuts[1])?.Edge); // f leaves more and is six times as large
        Assert.Null(CutSelector.ThatTrainsLess(cuts, cuts[3])); // nothing with weights is left
        Assert.Equal("x", CutSelector.ThatTrainsMore(cuts, cuts[1])?.Edge);
        Assert.Null(CutSelector.ThatTrainsMore(cuts, cuts[0]));
    }

    [Fact]
    public void An_unknown_edge_is_refused_with_the_way_out()
    {
        GraftException error = Assert.Throws<GraftException>(() =>
            CutSelector.Choose(s_cuts, TrainedPart.FromEdge("block7"))
        );

        Assert.Contains("no cut point or block of that name", error.Message, StringComparison.Ordinal);
        Assert.Contains("block7", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("graft ", error.Message, StringComparison.Ordinal);
    }
}
