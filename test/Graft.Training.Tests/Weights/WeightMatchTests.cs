using Graft.Training.Weights;

namespace Graft.Training.Tests.Weights;

public sealed class WeightMatchTests
{
    private static readonly Dictionary<string, IReadOnlyList<long>> TwoLayers = new()
    {
        ["conv1.weight"] = [4, 3, 2, 2],
        ["conv1.bias"] = [4],
        ["fc.weight"] = [5, 4],
    };

    [Fact]
    public void Fitting_names_and_shapes_are_matched_and_counters_are_ignored()
    {
        WeightFile file = Networks.FileOf([
            Networks.Numbered("conv1.weight", 4, 3, 2, 2),
            Networks.Numbered("conv1.bias", 4),
            Networks.Numbered("fc.weight", 5, 4, 1, 1),
            Networks.Numbered("bn.num_batches_tracked"),
        ]);

        WeightMatch match = WeightMatch.Of(file, TwoLayers);

        Assert.Equal(TwoLayers.Keys, match.Tensors.Keys);
        Assert.Equal([5, 4], match.Tensors["fc.weight"].Shape);
        Assert.Equal(["bn.num_batches_tracked"], match.Unused);
    }

    [Fact]
    public void A_mismatch_lists_missing_unexpected_and_misshapen_tensors_with_the_nearest_name()
    {
        WeightFile file = Networks.FileOf([
            Networks.Numbered("conv_1.weight", 4, 3, 2, 2),
            Networks.Numbered("conv1.bias", 4),
            Networks.Numbered("fc.weight", 7, 4),
        ]);

        WeightFileException error = Assert.Throws<WeightFileException>(() => WeightMatch.Of(file, TwoLayers));

        Assert.Contains(
            "1 missing: 'conv1.weight' [4, 3, 2, 2] (nearest: 'conv_1.weight' [4, 3, 2, 2])",
            error.Message
        );
        Assert.Contains("1 unexpected: 'conv_1.weight'", error.Message);
        Assert.Contains("1 of another shape: 'fc.weight' is [7, 4], [5, 4] is needed", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void An_optional_head_may_be_missing_or_of_another_size()
    {
        WeightFile file = Networks.FileOf([
            Networks.Numbered("conv1.weight", 4, 3, 2, 2),
            Networks.Numbered("conv1.bias", 4),
            Networks.Numbered("fc.weight", 7, 4),
        ]);

        WeightMatch match = WeightMatch.Of(file, TwoLayers, name => name.StartsWith("fc.", StringComparison.Ordinal));

        Assert.Equal(["fc.weight"], match.Missing);
        Assert.Equal(["conv1.weight", "conv1.bias"], match.Tensors.Keys);
    }

    [Fact]
    public void A_keras_batch_normalisation_of_another_network_is_not_ignored()
    {
        WeightFile file = Networks.FileOf([
            Networks.Numbered("conv1.weight", 4, 3, 2, 2),
            Networks.Numbered("conv1.bias", 4),
            Networks.Numbered("fc.weight", 5, 4),
            Networks.Numbered("batch_normalization/gamma:0", 4),
        ]);

        Assert.Throws<WeightFileException>(() => WeightMatch.Of(file, TwoLayers));
    }

    [Fact]
    public void A_full_kernel_is_transposed_from_height_width_in_out_to_out_in_height_width()
    {
        float[] kernel = KerasKernels.ToOnnx(Networks.Numbered("k", 2, 3, 4, 5), [5, 4, 2, 3])!.ToSingles();

        for (int o = 0; o < 5; o++)
        {
            for (int i = 0; i < 4; i++)
            {
                Assert.Equal((((((1 * 3) + 2) * 4) + i) * 5) + o, kernel[(((((o * 4) + i) * 2) + 1) * 3) + 2]);
            }
        }
    }

    [Fact]
    public void A_depthwise_kernel_becomes_one_filter_per_output_channel()
    {
        float[] kernel = KerasKernels.ToOnnx(Networks.Numbered("k", 3, 3, 4, 2), [8, 1, 3, 3])!.ToSingles();

        // channel 2, multiplier 1 is output 5; row 1, column 0
        Assert.Equal((((((1 * 3) + 0) * 4) + 2) * 2) + 1, kernel[(((5 * 3) + 1) * 3) + 0]);
    }

    [Fact]
    public void A_square_dense_kernel_is_transposed()
    {
        Assert.Equal([0, 2, 1, 3], KerasKernels.ToOnnx(Networks.Numbered("k", 2, 2), [2, 2])!.ToSingles());
        Assert.Null(KerasKernels.ToOnnx(Networks.Numbered("k", 2, 3), [2, 3]));
    }

    [Fact]
    public void Rows_behind_a_flattened_map_become_channels_first()
    {
        WeightTensor flat = Networks.Numbered("k", 2 * 3 * 5, 1);

        float[] rows = KerasKernels.WithRowsChannelsFirst(flat, 2, 3).ToSingles();

        // channel 4, row 1, column 2 comes from ((1 * 3) + 2) * 5 + 4
        Assert.Equal((((1 * 3) + 2) * 5) + 4, rows[(((4 * 2) + 1) * 3) + 2]);
    }
}
