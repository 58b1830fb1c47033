using Graft.Torch;
using Graft.Training.Extraction;
using Graft.Training.Probe;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Tests.Probe;

[Collection("torch")]
public sealed class StoredMatrixTests
{
    [Theory]
    [InlineData(long.MaxValue)] // in memory
    [InlineData(0L)] // in a file, in blocks
    public void A_product_equals_that_of_the_original_matrix_which_can_be_read_back(long mostInMemory)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor transposed = AlignedTensor.Of(
            [.. Enumerable.Range(0, 1500 * 800).Select(i => Math.Sin(i * 0.37))],
            [1500, 800]
        ); // 1.2 million values: two blocks
        Tensor left = AlignedTensor.Of([.. Enumerable.Range(0, 3 * 800).Select(i => Math.Cos(i * 0.11))], [3, 800]);
        double[] expected = [.. left.mm(transposed.t()).contiguous().data<double>()];

        using StoredMatrix stored = new(transposed, mostInMemory);
        double[] found = [.. stored.LeftMultipliedBy(left).contiguous().data<double>()];

        Assert.Equal(3 * 1500, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
        using Tensor again = stored.Transposed();
        Assert.Equal(transposed.data<double>().ToArray(), again.contiguous().data<double>().ToArray());
    }

    [Fact]
    public void Its_file_is_deleted_afterwards()
    {
        using TemporaryFolder folder = new();
        using TemporaryFile file = new(16, folder.Root);
        file.Write(8, [1, 2, 3, 4, 5, 6, 7, 8]);
        byte[] read = new byte[8];
        file.Read(8, read);

        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], read);
        Assert.Single(Directory.GetFiles(folder.Root));
        file.Dispose();
        Assert.Empty(Directory.GetFiles(folder.Root));
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        string folder = Path.Combine(Path.GetTempPath(), "graft-no-such-folder");
        GraftException refused = Assert.Throws<GraftException>(() => new TemporaryFile(16, folder));
        Assert.StartsWith($"'{folder}' cannot hold the probe's features: ", refused.Message, StringComparison.Ordinal);
    }
}
