using Graft.Training.Weights;

namespace Graft.Training.Tests.Weights;

public sealed class TorchFileTests
{
    [Theory]
    [InlineData("zip.pth")]
    [InlineData("legacy.pth")]
    [InlineData("bfloat16.pth")]
    [InlineData("float16.pth")]
    [InlineData("checkpoint_parallel.pth")]
    [InlineData("strided.pth")]
    [InlineData("parameters.pth")]
    public void A_golden_file_is_read_exactly(string name)
    {
        WeightFile file = TorchFile.Read(SharedData.Find($"golden/files/{name}"));

        GoldenFiles.AssertEqual(name, file);
    }

    [Theory]
    [InlineData("evil_system.pth")]
    [InlineData("whole_module.pth")]
    public void Code_in_a_file_is_named_and_refused_and_never_run(string name)
    {
        string says = GoldenFiles.Expected(name).GetProperty("refused").GetString()!;

        WeightFileException error = Assert.Throws<WeightFileException>(() =>
            TorchFile.Read(SharedData.Find($"golden/files/{name}"))
        );

        Assert.Contains(says, error.Message);
        Assert.Contains(name, error.Message);
        Assert.Contains("data.pkl, byte", error.Place);
        Assert.False(File.Exists("GRAFT_WAS_HERE"));
    }

    [Fact]
    public void Every_golden_torch_file_is_tested_here()
    {
        Assert.Equal(7, GoldenFiles.Names(".pth").Count());
        Assert.Equal(2, GoldenFiles.Names(".pth", refused: true).Count());
    }

    [Fact]
    public void The_original_lite0_keeps_its_authors_names_and_shapes()
    {
        WeightFile file = TorchFile.Read(SharedData.Find("weights/raw/efficientnet-lite0-57934424.pth"));

        Assert.Equal([32, 3, 3, 3], file.Tensors["_conv_stem.weight"].Shape);
        Assert.Equal(WeightType.Int64, file.Tensors["_bn0.num_batches_tracked"].Type);
        Assert.Equal([1000, 1280], file.Tensors["_fc.weight"].Shape);
        Assert.All(file.Tensors.Values, tensor =>
            Assert.All(tensor.ToSingles(), value => Assert.True(float.IsFinite(value)))
        );
    }

    [Fact]
    public void Numbers_and_texts_beside_the_tensors_become_metadata()
    {
        WeightFile file = TorchFile.Read(SharedData.Find("golden/files/checkpoint_parallel.pth"));

        Assert.Equal("7", file.Metadata["epoch"]);
        Assert.Equal("toy", file.Metadata["arch"]);
    }
}
