using Graft.Training.Weights;

namespace Graft.Training.Tests.Weights;

public sealed class KerasFileTests
{
    [Theory]
    [InlineData("keras1_vgg16_layout.h5")]
    [InlineData("keras2_whole_model.h5")]
    [InlineData("keras3.weights.h5")]
    [InlineData("keras3.keras")]
    public void A_golden_file_is_read_exactly(string name)
    {
        WeightFile file = KerasFile.Read(SharedData.Find($"golden/files/{name}"));

        GoldenFiles.AssertEqual(name, file);
        Assert.True(file.IsChannelsLast);
    }

    [Fact]
    public void The_original_mobilenet_keeps_its_authors_names_and_shapes()
    {
        WeightFile file = KerasFile.Read(SharedData.Find("weights/raw/mobilenet_v1_0.25_224.h5"));

        Assert.Equal([3, 3, 3, 8], file.Tensors["conv1/kernel:0"].Shape);
        Assert.Equal([3, 3, 8, 1], file.Tensors["conv_dw_1/depthwise_kernel:0"].Shape);
        Assert.Equal([1, 1, 256, 1000], file.Tensors["conv_preds/kernel:0"].Shape);
        Assert.All(file.Tensors.Values, tensor =>
            Assert.All(tensor.ToSingles(), value => Assert.True(float.IsFinite(value)))
        );
    }
}
