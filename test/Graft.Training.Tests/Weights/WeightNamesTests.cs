using Graft.Training.Weights;

namespace Graft.Training.Tests.Weights;

public sealed class WeightNamesTests
{
    [Fact]
    public void A_file_with_the_builders_names_is_not_renamed()
    {
        IReadOnlyDictionary<string, IReadOnlyList<long>> expected = Networks.Expected("tf_efficientnet_lite0");
        WeightFile file = WeightFile.Read(SharedData.Find("weights/efficientnet_lite0.fp16.safetensors"));

        Assert.Same(file, WeightNames.Rename(file, expected));
        Assert.All(file.Tensors.Keys, name => Assert.Contains(name, expected));
    }

    [Fact]
    public void The_authors_lite0_gets_timms_names_and_fits_completely()
    {
        IReadOnlyDictionary<string, IReadOnlyList<long>> expected = Networks.Expected("tf_efficientnet_lite0");
        WeightFile file = WeightFile.Read(SharedData.Find("weights/raw/efficientnet-lite0-57934424.pth"));

        WeightMatch match = WeightMatch.Of(WeightNames.Rename(file, expected), expected);

        Assert.Equal(expected.Keys, match.Tensors.Keys);
        Assert.All(match.Unused, name => Assert.EndsWith("num_batches_tracked", name));
    }

    [Fact]
    public void The_authors_lite0_has_the_values_of_the_float16_file()
    {
        const float HalfPrecision = 1e-3f; // float16 has eleven bits of precision
        IReadOnlyDictionary<string, IReadOnlyList<long>> expected = Networks.Expected("tf_efficientnet_lite0");
        WeightFile raw = WeightFile.Read(SharedData.Find("weights/raw/efficientnet-lite0-57934424.pth"));
        WeightFile half = WeightFile.Read(SharedData.Find("weights/efficientnet_lite0.fp16.safetensors"));

        WeightFile renamed = WeightNames.Rename(raw, expected);

        foreach (string name in expected.Keys)
        {
            float[] a = renamed.Tensors[name].ToSingles(),
                b = half.Tensors[name].ToSingles();
            Assert.All(a.Zip(b), pair =>
                Assert.True(MathF.Abs(pair.First - pair.Second) <= HalfPrecision * (1 + MathF.Abs(pair.First)), name)
            );
        }
    }

    [Fact]
    public void The_authors_mobilenet_gets_the_builders_names_and_fits_completely()
    {
        Dictionary<string, IReadOnlyList<long>> expected = MobileNetV1Quarter();
        WeightFile file = WeightFile.Read(SharedData.Find("weights/raw/mobilenet_v1_0.25_224.h5"));

        WeightMatch match = WeightMatch.Of(WeightNames.Rename(file, expected), expected);

        Assert.Equal(expected.Keys, match.Tensors.Keys);
        Assert.Empty(match.Unused);
        Assert.Equal(
            file.Tensors["conv_dw_2/depthwise_kernel:0"].ToSingles()[16],
            match.Tensors["blocks.1.conv_dw.weight"].ToSingles()[1]
        );
    }

    [Theory]
    [InlineData("vgg16")]
    [InlineData("vgg19")]
    [InlineData("resnet50")]
    [InlineData("mobilenet_v2")]
    [InlineData("densenet121")]
    [InlineData("efficientnet_b0")]
    public void Every_layer_of_a_keras_application_is_recognised_in_each_spelling(string architecture)
    {
        Dictionary<string, IReadOnlyList<long>> expected = Networks
            .Expected(architecture)
            .Where(pair => IsModest(pair.Value))
            .ToDictionary();
        foreach (string prefix in (string[])["", $"{architecture}/"])
        {
            WeightTensor[] tensors =
            [
                .. KerasApplications
                    .Weights(architecture)
                    .Where(weight => IsModest(weight.Shape))
                    .Select(weight => Networks.Hollow(prefix + weight.Name, weight.Shape)),
            ];

            WeightMatch match = WeightMatch.Of(
                WeightNames.Rename(Networks.FileOf(tensors, isChannelsLast: true), expected),
                expected
            );

            Assert.Equal(expected.Keys, match.Tensors.Keys);
        }
    }

    [Theory]
    [InlineData("vgg16")]
    [InlineData("vgg19")]
    [InlineData("resnet50")]
    [InlineData("mobilenet_v2")]
    [InlineData("densenet121")]
    [InlineData("efficientnet_b0")]
    public void A_keras_file_with_positions_gives_the_same_weights_as_one_with_names(string architecture)
    {
        Dictionary<string, IReadOnlyList<long>> expected = Networks.Expected(architecture).ToDictionary();
        (string Name, long[] Shape)[] weights = [.. KerasApplications.Weights(architecture)];
        string[] positions = KerasApplications.Positions([.. weights.Select(weight => weight.Name)]);
        WeightTensor[] tensors = [.. weights.Select((weight, i) => Marked(weight.Name, i, weight.Shape))];

        WeightFile named = WeightNames.Rename(Networks.FileOf(tensors, isChannelsLast: true), expected);
        WeightFile positioned = WeightNames.Rename(
            Networks.FileOf(tensors.Select((tensor, i) => tensor with { Name = positions[i] }), isChannelsLast: true),
            expected
        );

        Assert.Equal("conv2d/kernel", positions.First(name => name.StartsWith("conv2d", StringComparison.Ordinal)));
        foreach (string name in expected.Keys)
        {
            Assert.Equal(named.Tensors[name].Bytes[..4].ToArray(), positioned.Tensors[name].Bytes[..4].ToArray());
        }
    }

    [Fact]
    public void Positions_of_another_network_are_refused_by_the_match()
    {
        IReadOnlyDictionary<string, IReadOnlyList<long>> expected = Networks.Expected("resnet50");
        WeightFile file = Networks.FileOf(
            [Networks.Numbered("conv2d/kernel", 3, 3, 3, 8), Networks.Numbered("dense/kernel", 8, 2)],
            isChannelsLast: true
        );

        WeightFileException error = Assert.Throws<WeightFileException>(() =>
            WeightMatch.Of(WeightNames.Rename(file, expected), expected)
        );

        Assert.Contains("unexpected: 'conv2d/kernel'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_rows_of_vggs_first_dense_layer_become_channels_first()
    {
        Dictionary<string, IReadOnlyList<long>> expected = new()
        {
            ["features.0.bias"] = [4],
            ["classifier.0.weight"] = [2, 98],
            ["classifier.3.weight"] = [2, 2],
        };
        WeightFile file = Networks.FileOf(
            [
                Networks.Numbered("block1_conv1/bias:0", 4),
                Networks.Numbered("fc1/kernel:0", 98, 2),
                Networks.Numbered("fc2/kernel:0", 2, 2),
            ],
            isChannelsLast: true
        );

        WeightMatch match = WeightMatch.Of(WeightNames.Rename(file, expected), expected);

        // Keras has output 1 of channel 1, row 2, column 3 in row ((2 * 7) + 3) * 2 + 1 of 98 and column 1 of 2.
        Assert.Equal(
            ((((2 * 7) + 3) * 2) + 1) * 2 + 1,
            match.Tensors["classifier.0.weight"].ToSingles()[98 + 49 + (2 * 7) + 3]
        );
    }

    [Fact]
    public void Keras_1_names_of_vgg_are_recognised()
    {
        WeightFile file = WeightFile.Read(SharedData.Find("golden/files/keras1_vgg16_layout.h5"));
        Dictionary<string, IReadOnlyList<long>> expected = Networks
            .Expected("vgg16")
            .Where(pair => pair.Key.StartsWith("features.", StringComparison.Ordinal))
            .ToDictionary();

        WeightFile renamed = WeightNames.Rename(file, expected);

        Assert.Equal(expected.Keys.Order(), renamed.Tensors.Keys.Order());
    }

    [Fact]
    public void A_keras_resnets_biases_are_folded_into_means_and_its_epsilon_into_variances()
    {
        Dictionary<string, IReadOnlyList<long>> expected = new()
        {
            ["conv1.weight"] = [3, 2, 1, 1],
            ["bn1.weight"] = [3],
            ["bn1.bias"] = [3],
            ["bn1.running_mean"] = [3],
            ["bn1.running_var"] = [3],
        };
        WeightFile file = Networks.FileOf(
            [
                Networks.Numbered("conv1_conv/kernel:0", 1, 1, 2, 3),
                Filled("conv1_conv/bias:0", 10, 20, 30),
                Filled("conv1_bn/gamma:0", 1, 1, 1),
                Filled("conv1_bn/beta:0", 0, 0, 0),
                Filled("conv1_bn/moving_mean:0", 1, 2, 3),
                Filled("conv1_bn/moving_variance:0", 0, 1, 2),
            ],
            isChannelsLast: true
        );

        WeightMatch match = WeightMatch.Of(WeightNames.Rename(file, expected), expected);

        Assert.Equal([-9, -18, -27], match.Tensors["bn1.running_mean"].ToSingles());
        Assert.Equal(1e-8f, match.Tensors["bn1.running_var"].ToSingles()[0], 1e-12f);
    }

    [Theory]
    [InlineData("efficientnet_b0", "blocks.2.1.se.conv_reduce.weight", "features.3.1.block.2.fc1.weight")]
    [InlineData("efficientnet_b0", "blocks.0.0.bn2.running_var", "features.1.0.block.2.1.running_var")]
    [InlineData("mobilenet_v2", "blocks.2.0.conv_pwl.weight", "features.4.conv.2.weight")]
    [InlineData("mobilenet_v2", "conv_head.weight", "features.18.0.weight")]
    [InlineData(
        "densenet121",
        "features.denseblock4.denselayer16.norm.2.bias",
        "features.denseblock4.denselayer16.norm2.bias"
    )]
    public void A_name_of_timm_or_of_old_torchvision_becomes_the_builders(
        string architecture,
        string name,
        string target
    )
    {
        IReadOnlyDictionary<string, IReadOnlyList<long>> expected = Networks.Expected(architecture);
        WeightFile file = Networks.FileOf([Networks.Hollow(name, [.. expected[target]])]);

        Assert.Equal([target], WeightNames.Rename(file, expected).Tensors.Keys);
    }

    [Fact]
    public void A_file_with_the_builders_names_stays_unchanged()
    {
        IReadOnlyDictionary<string, IReadOnlyList<long>> expected = Networks.Expected("tf_efficientnet_lite0");
        WeightFile file = WeightFile.Read(SharedData.Find("weights/efficientnet_lite0.fp16.safetensors"));

        Assert.Same(file, WeightNames.Rename(file, expected));
        Assert.Equal(expected.Keys, WeightMatch.Of(file, expected).Tensors.Keys);
    }

    [Fact]
    public void Two_tensors_with_the_same_place_are_refused()
    {
        Dictionary<string, IReadOnlyList<long>> expected = new() { ["fc.weight"] = [1, 1] };
        WeightFile file = Networks.FileOf(
            [Networks.Numbered("fc1000/kernel:0", 1, 1), Networks.Numbered("probs/kernel:0", 1, 1)],
            isChannelsLast: true
        );

        WeightFileException error = Assert.Throws<WeightFileException>(() => WeightNames.Rename(file, expected));

        Assert.Contains("same place", error.Message);
    }

    /// <summary>Leaves out VGG's two widest layers (120 million numbers); another test has smaller ones.</summary>
    private static bool IsModest(IReadOnlyList<long> shape) =>
        shape.Aggregate(1L, (product, dimension) => product * dimension) < 5_000_000;

    // The first number of each tensor of a network is unique.
    private static WeightTensor Marked(string name, int index, long[] shape)
    {
        WeightTensor tensor = Networks.Hollow(name, shape);
        byte[] bytes = tensor.Bytes.ToArray();
        BitConverter.TryWriteBytes(bytes, (float)(index + 1));
        return tensor with { Bytes = bytes };
    }

    private static WeightTensor Filled(string name, params float[] values)
    {
        byte[] bytes = new byte[values.Length * 4];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        return new WeightTensor(name, WeightType.Float32, [values.Length], bytes);
    }

    /// <summary>MobileNet with width 0.25 (Howard et al., 2017, table 1), with the names of WeightNames.</summary>
    private static Dictionary<string, IReadOnlyList<long>> MobileNetV1Quarter()
    {
        Dictionary<string, IReadOnlyList<long>> expected = new() { ["conv_stem.weight"] = [8, 3, 3, 3] };
        AddNorm(expected, "bn1", 8);
        long[] widths = [8, 16, 32, 32, 64, 64, 128, 128, 128, 128, 128, 128, 256, 256];
        for (int i = 0; i < 13; i++)
        {
            expected[$"blocks.{i}.conv_dw.weight"] = [widths[i], 1, 3, 3];
            AddNorm(expected, $"blocks.{i}.bn1", widths[i]);
            expected[$"blocks.{i}.conv_pw.weight"] = [widths[i + 1], widths[i], 1, 1];
            AddNorm(expected, $"blocks.{i}.bn2", widths[i + 1]);
        }

        expected["classifier.weight"] = [1000, 256];
        expected["classifier.bias"] = [1000];
        return expected;
    }

    private static void AddNorm(Dictionary<string, IReadOnlyList<long>> expected, string module, long width)
    {
        foreach (string name in (string[])["weight", "bias", "running_mean", "running_var"])
        {
            expected[$"{module}.{name}"] = [width];
        }
    }
}
