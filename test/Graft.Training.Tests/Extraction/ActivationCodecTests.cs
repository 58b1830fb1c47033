using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Graft.Torch;
using Graft.Training.Extraction;
using TorchSharp;

namespace Graft.Training.Tests.Extraction;

[Collection("torch")]
public sealed class ActivationCodecTests
{
    private static readonly long[] s_map = [6, 5, 4]; // C, H, W

    [Fact]
    public void Float16_is_three_bits_more_precise_than_bfloat16()
    {
        float[] values = Values(_ => 100);

        double half = values
            .Zip(Kept(ActivationFormat.Float16, values))
            .Max(pair => Math.Abs(pair.First - pair.Second) / Math.Abs(pair.First));
        double brain = values
            .Zip(Kept(ActivationFormat.BFloat16, values))
            .Max(pair => Math.Abs(pair.First - pair.Second) / Math.Abs(pair.First));

        Assert.InRange(half, 1e-5, Math.Pow(2, -11));
        Assert.InRange(brain, 4 * half, Math.Pow(2, -8));
    }

    [Theory]
    [InlineData(65504 / 1.6f)] // just within float16's range
    [InlineData(65506 / 1.6f)]
    [InlineData(1e30f)]
    [InlineData(1e-7f)] // all below float16's normal numbers
    [InlineData(1e-36f)]
    public void A_row_of_any_range_stays_finite_and_is_at_least_as_exact_as_in_bfloat16(float scale)
    {
        float[] values = Values(_ => scale);

        double brain = values
            .Zip(Kept(ActivationFormat.BFloat16, values))
            .Max(pair => Math.Abs(pair.First - (double)pair.Second));

        float[] kept = Kept(ActivationFormat.Float16, values);

        Assert.All(values.Zip(kept), pair => Assert.InRange(Math.Abs(pair.First - (double)pair.Second), 0, brain));
    }

    [Fact]
    public void A_value_outside_the_range_of_float16_changes_only_its_own_row()
    {
        float[] small = Values(_ => 1);
        float[] large = [.. small];
        large[17] = 1e6f;
        ActivationCodec codec = new(ActivationFormat.Float16, s_map);
        byte[] alone = new byte[codec.RowBytes],
            after = new byte[codec.RowBytes],
            other = new byte[codec.RowBytes];

        codec.Encode(small, alone);
        codec.Encode(large, other);
        codec.Encode(small, after);

        Assert.Equal(alone, after);
        Assert.NotEqual(alone[^1..], other[^2..^1]); // the flag
        Assert.InRange(Kept(ActivationFormat.Float16, large)[17], 0.99e6f, 1.01e6f);
    }

    [Fact]
    public void Int8_values_are_within_half_a_step_of_their_channels_range()
    {
        float[] values = Values(c => (float)Math.Pow(10, c - 3)); // signed, from thousandths to hundreds

        float[] kept = Kept(ActivationFormat.Int8, values);

        for (int c = 0; c < 6; c++)
        {
            float[] channel = values[(c * 20)..((c + 1) * 20)];
            double step = (channel.Max() - (double)channel.Min()) / 255;
            Assert.All(channel.Zip(kept[(c * 20)..]), pair =>
                Assert.InRange(Math.Abs(pair.First - (double)pair.Second), 0, 0.5001 * step)
            );
        }
    }

    [Fact]
    public void Zeros_after_a_relu_stay_zero()
    {
        float[] values = [.. Values(_ => 3).Select(value => Math.Max(0, value))];

        float[] kept = Kept(ActivationFormat.Int8, values);

        Assert.Contains(0f, values);
        Assert.All(values.Zip(kept).Where(pair => pair.First == 0), pair => Assert.Equal(0, pair.Second));
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(-7.25f)]
    [InlineData(1e36f)]
    [InlineData(1e-44f)]
    public void A_constant_channel_keeps_its_value(float value) =>
        Assert.All(Kept(ActivationFormat.Int8, [.. Enumerable.Repeat(value, 120)]), kept => Assert.Equal(value, kept));

    [Theory]
    [InlineData(10f, new long[] { 3, 2, 2 })] // too few positions for a scale per channel
    [InlineData(10f, new long[] { 12 })]
    [InlineData(10f, new long[] { 20, 3 })] // tokens
    [InlineData(1e37f, new long[] { 2, 4, 4 })] // the range is near float32's limit
    public void Int8_keeps_rows_of_any_shape(float scale, long[] shape)
    {
        float[] values = [.. Values(_ => scale).Take((int)shape.Aggregate(1L, (product, d) => product * d))];

        float[] kept = Kept(ActivationFormat.Int8, values, shape);

        double step = (values.Max() - (double)values.Min()) / 255;
        Assert.All(values.Zip(kept), pair =>
            Assert.InRange(Math.Abs(pair.First - (double)pair.Second), 0, 0.5001 * step)
        );
    }

    [Theory]
    [InlineData(ActivationFormat.BFloat16, torch.ScalarType.BFloat16, torch.ScalarType.BFloat16)]
    [InlineData(ActivationFormat.Float16, torch.ScalarType.Float32, torch.ScalarType.Float32)]
    [InlineData(ActivationFormat.Int8, torch.ScalarType.Float32, torch.ScalarType.Float32)]
    [InlineData(ActivationFormat.Int8, torch.ScalarType.BFloat16, torch.ScalarType.BFloat16)]
    public void A_batch_of_maps_is_channels_last_without_a_copy(
        object format,
        torch.ScalarType asked,
        torch.ScalarType expected
    )
    {
        using torch.Tensor batch = Store((ActivationFormat)format, s_map, Values(_ => 1), asked).Load([0, 0]);

        Assert.Equal(expected, batch.dtype);
        Assert.Equal([2L, 6, 5, 4], batch.shape);
        Assert.Equal([120L, 1, 24, 6], batch.stride());
        using torch.Tensor dense = ChannelsLast.Of(batch);
        Assert.True(AreAtOnePlace(batch, dense));
    }

    [Theory]
    [InlineData(ActivationFormat.Single)]
    [InlineData(ActivationFormat.BFloat16)]
    [InlineData(ActivationFormat.Float16)]
    [InlineData(ActivationFormat.Int8)]
    public void Values_that_are_not_finite_are_refused(object format)
    {
        ActivationCodec codec = new((ActivationFormat)format, s_map);
        foreach (float wrong in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
        {
            float[] values = Values(_ => 1);
            values[77] = wrong;

            Assert.Contains(
                "not finite",
                Assert.Throws<GraftException>(() => codec.Encode(values, new byte[codec.RowBytes])).Message,
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public void By_default_the_precision_of_training_decides_the_format()
    {
        Assert.Equal(ActivationFormat.BFloat16, ActivationFormats.Of(ActivationPrecision.Auto, Engine.Torch));
        Assert.Equal(ActivationFormat.BFloat16, ActivationFormats.Of(ActivationPrecision.Auto, Engine.Mixed));
        Assert.Equal(ActivationFormat.Float16, ActivationFormats.Of(ActivationPrecision.Auto, Engine.OnnxRuntime));
    }

    // The values of a batch of one row, in the network's order.
    private static float[] Kept(ActivationFormat format, float[] values, long[]? shape = null)
    {
        using torch.Tensor batch = Store(format, shape ?? s_map, values, torch.ScalarType.Float32).Load([0]);
        using torch.Tensor single = batch.to(torch.ScalarType.Float32).contiguous();
        return [.. single.data<float>()];
    }

    private static ActivationStore Store(
        ActivationFormat format,
        long[] shape,
        float[] values,
        torch.ScalarType decoded
    )
    {
        ExtractionItem item = new(new("a.png", "a") { File = "a.png", ContentHash = new string('0', 64) }, 0, 1, 1);
        ActivationStore store = new(
            shape,
            format,
            new([item]),
            new byte[32],
            new("toy", "e", ""),
            1,
            (_, _) => [],
            cache: null
        )
        {
            DecodedType = decoded,
        };
        store.Write(0, values);
        return store;
    }

    private static bool AreAtOnePlace(torch.Tensor one, torch.Tensor other)
    {
        using torch.Tensor first = one.permute(0, 2, 3, 1).view(-1),
            second = other.permute(0, 2, 3, 1).view(-1); // [N*H*W*C]
        return Unsafe.AreSame(
            ref MemoryMarshal.GetReference(first.bytes),
            ref MemoryMarshal.GetReference(second.bytes)
        );
    }

    // Six channels of twenty values, up to 1.6 times the channel's scale.
    private static float[] Values(Func<int, float> scaleOf) =>
        [.. Enumerable.Range(0, 120).Select(i => scaleOf(i / 20) * (float)(1.6 * Math.Cos(i * 0.7)))];
}
