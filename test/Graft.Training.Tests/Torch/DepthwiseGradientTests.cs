using Graft.Infrastructure;
using Graft.Torch;
using Graft.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Tests.Torch;

[Collection("torch")]
public sealed class DepthwiseGradientTests
{
    // Channels, height, width, kernel height and width, stride, padding, dilation.
    public static TheoryData<int[]> Shapes =>
        [
            new[] { 32, 7, 7, 5, 5, 1, 2, 1 },
            new[] { 40, 14, 9, 5, 5, 2, 2, 1 }, // channels that do not fill a block
            new[] { 3, 8, 8, 7, 7, 1, 3, 1 },
            new[] { 16, 12, 12, 5, 3, 1, 0, 1 },
            new[] { 16, 15, 15, 5, 5, 2, 4, 2 },
            new[] { 24, 6, 6, 5, 5, 3, 1, 1 }, // the last window does not reach the last row
        ];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void The_gradients_equal_those_of_libtorch(int[] shape)
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (
            (ScalarType type, double tolerance) in ((ScalarType, double)[])
                [(ScalarType.Float32, 1e-5), (ScalarType.BFloat16, 0.02)]
        )
        {
            (Tensor input, Tensor weight, Tensor bias) = Values(shape);
            Tensor expected = Convolve(input, weight, bias, shape);
            Tensor slope = Numbers(expected.shape, 3);
            expected.backward([slope]);

            (Tensor input2, Tensor weight2, Tensor bias2) = Values(shape);
            Tensor typed = ChannelsLast.Of(input2.to(type));
            Assert.True(DepthwiseGradient.Applies(typed, weight2, shape[0]));
            Tensor output = Convolve(typed, weight2.detach().to(type), bias2.detach().to(type), shape);
            Tensor attached = DepthwiseGradient.Attach(output, weight2, bias2, typed, Geometry(shape));
            Assert.Equal(Floats(output), Floats(attached));
            attached.to(ScalarType.Float32).backward([slope]);

            AssertClose(weight.grad!, weight2.grad!, tolerance);
            AssertClose(bias.grad!, bias2.grad!, tolerance);
            AssertClose(input.grad!, input2.grad!, tolerance);
        }
    }

    [Fact]
    public void The_bits_do_not_depend_on_threads_and_no_tensor_leaks()
    {
        int[] shape = [72, 14, 14, 5, 5, 1, 2, 1];
        int threads = get_num_threads();
        float[]? first = null;
        try
        {
            long before = 0;
            foreach (int count in (int[])[1, 2, 5, 1, 2, 5])
            {
                set_num_threads(count);
                using (DisposeScope scope = NewDisposeScope())
                {
                    (Tensor input, Tensor weight, Tensor bias) = Values(shape);
                    Tensor output = Convolve(input, weight.detach(), bias.detach(), shape);
                    DepthwiseGradient
                        .Attach(output, weight, bias, input, Geometry(shape))
                        .backward([Numbers(output.shape, 3)]);
                    first ??= Floats(weight.grad!);
                    Assert.Equal(first, Floats(weight.grad!));
                }

                long now = TensorCount.Settled();
                before = before == 0 ? now : before;
                Assert.Equal(before, now);
            }
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    [Theory]
    [InlineData(32, 32, 3)] // a small kernel
    [InlineData(32, 16, 5)] // two channels per group
    public void Other_convolutions_are_left_to_libtorch(int channels, int groups, int kernel)
    {
        using DisposeScope scope = NewDisposeScope();
        using Tensor weight = Numbers([channels, channels / groups, kernel, kernel], 1).requires_grad_();
        Assert.False(DepthwiseGradient.Applies(Numbers([1, channels, 8, 8], 2), weight, groups));
        using Tensor frozen = Numbers([channels, 1, 5, 5], 1);
        Assert.False(DepthwiseGradient.Applies(Numbers([1, channels, 8, 8], 2), frozen, channels));
    }

    private static (Tensor Input, Tensor Weight, Tensor Bias) Values(int[] shape) =>
        (
            Numbers([3, shape[0], shape[1], shape[2]], 1).requires_grad_(),
            Numbers([shape[0], 1, shape[3], shape[4]], 2).requires_grad_(),
            Numbers([shape[0]], 4).requires_grad_()
        );

    private static Tensor Convolve(Tensor input, Tensor weight, Tensor bias, int[] shape) =>
        nn.functional.conv2d(
            input,
            weight,
            bias,
            [shape[5], shape[5]],
            [shape[6], shape[6]],
            [shape[7], shape[7]],
            shape[0]
        );

    private static DepthwiseGeometry Geometry(int[] shape) =>
        new(shape[3], shape[4], [shape[5], shape[5]], [shape[6], shape[6]], [shape[7], shape[7]]);

    // The same purpose draws the same values. All fit bfloat16, so both types start from the same values.
    private static Tensor Numbers(long[] shape, uint purpose)
    {
        CountedRandom random = new(7, RandomPurpose.HeadValues, purpose);
        float[] values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(Math.Round(random.Normal((uint)i) * 16) / 16);
        }

        return AlignedTensor.Of(values, shape);
    }

    private static float[] Floats(Tensor x) => [.. x.detach().to(ScalarType.Float32).contiguous().data<float>()];

    private static void AssertClose(Tensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(expected.shape, actual.shape);
        float[] a = Floats(expected),
            b = Floats(actual);
        double size = a.Max(Math.Abs);
        Assert.True(size > 0);
        Assert.All(a.Zip(b), pair =>
            Assert.True(
                Math.Abs(pair.First - pair.Second) <= tolerance * size,
                $"{pair.First} and {pair.Second}, of {size}"
            )
        );
    }
}
