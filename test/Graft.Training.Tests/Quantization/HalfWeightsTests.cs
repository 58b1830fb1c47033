using Graft.Onnx;
using Graft.Training.Quantization;
using DataType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Training.Tests;

public sealed class HalfWeightsTests
{
    [Fact]
    public void Weights_in_float16_give_nearly_the_same_answers()
    {
        OnnxModel network = SmallNetwork.Create().Conv("a", 8, 3).Relu("b").Conv("c", 8, 8).Build();
        float[] image = SmallNetwork.Images(1)[0];

        OnnxModel half = HalfWeights.Write(network);

        Assert.Equal(SmallNetwork.Run(network, image), SmallNetwork.Run(half, image), (a, b) => Math.Abs(a - b) < 0.01);
        Assert.Equal(2, half.Graph.Initializer.Count(weight => weight.DataType == (int)DataType.Float16));
    }

    [Fact]
    public void A_weight_beyond_the_range_of_float16_stays_in_float32()
    {
        OnnxModel network = SmallNetwork.Create().Conv("a", 8, 3).Build();
        TensorProto weight = network.Graph.Initializer[0];
        float[] values = TensorValues.ToSingles(weight);
        values[3] = 70_000;
        WeightValues.Assign(weight, values);

        OnnxModel half = HalfWeights.Write(network);

        Assert.All(half.Graph.Initializer, one => Assert.Equal((int)DataType.Float, one.DataType));
    }
}
