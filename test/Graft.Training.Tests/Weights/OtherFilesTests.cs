using Graft.Training.Weights;

namespace Graft.Training.Tests.Weights;

public sealed class OtherFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_ONNX_file_is_no_weight_file_and_is_named_as_what_it_is()
    {
        string path = _folder.Write("network.pth", ToyWorld.Body().ToBytes());

        WeightFileException error = Assert.Throws<WeightFileException>(() => WeightFile.Read(path));

        Assert.Contains("it is an ONNX file, a whole network", error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_Git_LFS_pointer_is_named_as_what_it_is()
    {
        string path = _folder.Write("weights.h5", "version https://git-lfs.github.com/spec/v1\n");

        WeightFileException error = Assert.Throws<WeightFileException>(() => WeightFile.Read(path));

        Assert.Contains("a Git LFS pointer", error.Reason, StringComparison.Ordinal);
    }
}
