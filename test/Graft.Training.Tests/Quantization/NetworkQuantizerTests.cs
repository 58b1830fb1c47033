using Graft.Onnx;
using Graft.Training.Extraction;
using Graft.Training.Quantization;
using Microsoft.ML.OnnxRuntime;
using DataType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Training.Tests;

public sealed class NetworkQuantizerTests
{
    // 256 levels over the range of each edge: about one level after two layers.
    private const double Close = 0.02;

    [Fact]
    public void A_network_in_int8_answers_as_the_float_network_does()
    {
        OnnxModel network = Residual();
        float[] image = SmallNetwork.Images(9)[8];

        OnnxModel inBytes = Quantized(network);

        float[] expected = SmallNetwork.Run(network, image);
        float[] actual = SmallNetwork.Run(inBytes, image);
        Assert.Equal(expected, actual, (a, b) => Math.Abs(a - b) < Close);
        Assert.NotEqual(expected, actual);
    }

    [Theory]
    [InlineData(8, 127)]
    [InlineData(7, 63)]
    public void A_convolution_in_int8_gives_the_values_of_integer_arithmetic(int bits, int most)
    {
        Assert.SkipUnless(bits <= Processor.WeightBits, "without VNNI the sums of 8-bit weights overflow");
        OnnxModel network = SmallNetwork.Create().Conv("a", 4, 3, side: 1).Relu("b").Build();
        float[] image = SmallNetwork.Images(1)[0];
        NetworkQuantizer quantizer = Measured(network, [image]);

        OnnxModel inBytes = quantizer.Write(CalibrationMethod.MinMax, bits);

        float[] expected = Reference(network, image, most);
        Assert.Equal(expected, SmallNetwork.Run(inBytes, image), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void Batch_norms_and_limits_vanish_into_the_convolutions()
    {
        OnnxModel inBytes = Quantized(Residual());

        Assert.DoesNotContain(inBytes.Graph.Node, node => node.OpType is "BatchNormalization" or "Clip" or "Relu");
    }

    [Fact]
    public void The_last_layer_stays_in_float()
    {
        OnnxModel inBytes = Quantized(Residual());

        NodeProto last = inBytes.Graph.Node.Single(node => node.OpType == "Gemm");
        TensorProto weight = inBytes.Graph.Initializer.Single(one => one.Name == last.Input[1]);
        Assert.Equal((int)DataType.Float, weight.DataType);
        Assert.Equal("Flatten", inBytes.Graph.Node.Single(node => node.Output[0] == last.Input[0]).OpType);
    }

    [Fact]
    public void ONNX_Runtime_computes_the_whole_chain_in_bytes()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Root, "optimised.onnx");
        using SessionOptions options = new() { OptimizedModelFilePath = path };
        options.LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL;

        new InferenceSession(Quantized(Residual()).ToBytes(), options).Dispose();

        string[] operators = [.. OnnxModel.Load(path).Graph.Node.Select(node => node.OpType)];
        Assert.DoesNotContain("Conv", operators);
        Assert.DoesNotContain("Add", operators);
        Assert.Equal(3, operators.Count(name => name == "QLinearConv"));
        Assert.Single(operators, name => name == "QLinearAdd");
        Assert.Single(operators, name => name == "QuantizeLinear");
        Assert.Single(operators, name => name == "DequantizeLinear");
    }

    [Theory]
    [InlineData(8, 127)]
    [InlineData(7, 63)]
    public void Weights_take_the_whole_range_of_their_bits(int bits, int most)
    {
        OnnxModel inBytes = Quantized(Residual(), bits);

        long[] largest =
        [
            .. inBytes
                .Graph.Initializer.Where(weight => weight.DataType == (int)DataType.Int8 && weight.Dims.Count == 4)
                .Select(weight => TensorValues.ToInt64s(weight).Max(Math.Abs)),
        ];
        Assert.NotEmpty(largest);
        Assert.All(largest, value => Assert.Equal(most, value));
    }

    [Fact]
    public void The_same_images_give_the_same_bytes_in_any_order()
    {
        float[][] images = SmallNetwork.Images(8);

        byte[] first = Measured(Residual(), images).Write(CalibrationMethod.Entropy, 8).ToBytes();
        byte[] second = Measured(Residual(), [.. images.Reverse()]).Write(CalibrationMethod.Entropy, 8).ToBytes();

        Assert.Equal(first, second);
    }

    [Fact]
    public void A_filter_of_zeros_keeps_its_bias()
    {
        OnnxModel network = SmallNetwork.Create().Conv("a", 2, 3).Build();
        TensorProto kernel = network.Graph.Initializer.Single(weight => weight.Name == "a.weight");
        WeightValues.Assign(kernel, new float[2 * 3 * 3 * 3]);
        TensorProto bias = network.Graph.Initializer.Single(weight => weight.Name == "a.bias");
        WeightValues.Assign(bias, [0.75f, -0.25f]);
        float[] image = SmallNetwork.Images(1)[0];

        float[] answers = SmallNetwork.Run(Quantized(network), image);

        const int Pixels = SmallNetwork.Side * SmallNetwork.Side;
        Assert.All(answers[..Pixels], value => Assert.Equal(0.75f, value, tolerance: 0.005f));
        Assert.All(answers[Pixels..], value => Assert.Equal(-0.25f, value, tolerance: 0.005f));
    }

    [Fact]
    public void A_network_in_int8_is_not_made_int8_again() =>
        Refused(Quantized(Residual()), "it computes in int8 already");

    [Fact]
    public void A_network_without_convolutions_is_refused() =>
        Refused(
            SmallNetwork.Create().Classifier(4, 3).Build(),
            "int8 needs convolutions, and they are 0 % of its work, as in transformers; use float16"
        );

    [Fact]
    public void A_network_of_an_old_operator_set_is_refused()
    {
        OnnxModel network = Residual();
        network.Proto.OpsetImport[0].Version = 11;

        Refused(network, "int8 needs operator set 13 or later, and it has 11");
    }

    [Fact]
    public void Values_that_are_no_numbers_are_named_with_their_edge()
    {
        float[] image = SmallNetwork.Images(1)[0];
        image[7] = float.NaN;

        OnnxException error = Assert.Throws<OnnxException>(() => Measured(Residual(), [image]));

        Assert.Contains("has values that are no finite numbers", error.Message, StringComparison.Ordinal);
    }

    private static void Refused(OnnxModel network, string reason)
    {
        OnnxException error = Assert.Throws<OnnxException>(() =>
            NetworkQuantizer.Of(network, "m.onnx", SmallNetwork.Shape[1..], hasLastLayer: true)
        );

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private static OnnxModel Residual() =>
        SmallNetwork
            .Create()
            .Conv("a", 8, 3, hasBias: false)
            .BatchNorm("b", 8)
            .Clip("c", 6)
            .MaxPool("d")
            .Conv("e", 8, 8, groups: 8)
            .Add("f", "d")
            .Relu("g")
            .Conv("h", 8, 8)
            .Classifier(4, 8)
            .Build();

    private static OnnxModel Quantized(OnnxModel network, int bits = 8) =>
        Measured(network, SmallNetwork.Images(8)).Write(CalibrationMethod.MinMax, bits);

    private static NetworkQuantizer Measured(OnnxModel network, IReadOnlyList<float[]> images)
    {
        NetworkQuantizer quantizer = NetworkQuantizer.Of(
            network,
            "m.onnx",
            SmallNetwork.Shape[1..],
            hasLastLayer: network.Graph.Node.Any(node => node.OpType == "Gemm")
        );
        quantizer.Measure(images, SmallNetwork.Shape, threads: 1);
        return quantizer;
    }

    // A 1 x 1 convolution with ReLU, in integers: bytes about their zero point, sums in whole numbers, one rounding.
    private static float[] Reference(OnnxModel network, float[] image, int most)
    {
        const int Pixels = SmallNetwork.Side * SmallNetwork.Side;
        float[] kernel = TensorValues.ToSingles(network.Graph.Initializer.Single(one => one.Name == "a.weight"));
        float[] bias = TensorValues.ToSingles(network.Graph.Initializer.Single(one => one.Name == "a.bias"));
        float inputStep = image.Max() / 255;
        float outputStep = SmallNetwork.Run(network, image).Max() / 255;
        float[] result = new float[4 * Pixels];
        for (int m = 0; m < 4; m++)
        {
            float step = kernel[(3 * m)..(3 * (m + 1))].Max(Math.Abs) / most;
            int offset = (int)Math.Round(bias[m] / ((double)step * inputStep));
            for (int i = 0; i < Pixels; i++)
            {
                int sum = offset;
                for (int c = 0; c < 3; c++)
                {
                    int pixel = (int)MathF.Round(image[(c * Pixels) + i] / inputStep);
                    sum += pixel * (int)MathF.Round(kernel[(3 * m) + c] / step);
                }

                int level = (int)Math.Round((double)sum * step * inputStep / outputStep);
                result[(m * Pixels) + i] = Math.Clamp(level, 0, 255) * outputStep;
            }
        }

        return result;
    }
}
