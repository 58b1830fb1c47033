using Graft.Training.Weights;
using Graft.Training.Weights.Hdf5;
using PureHDF;
using PureHDF.Filters;
using PureHDF.VOL.Native;

namespace Graft.Training.Tests.Weights;

/// <summary>Compares Graft's HDF5 reader with PureHDF, an independent one, on the same files.</summary>
public sealed class Hdf5Tests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("graft-hdf5-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("golden/files/keras1_vgg16_layout.h5")]
    [InlineData("golden/files/keras2_whole_model.h5")]
    [InlineData("golden/files/keras3.weights.h5")]
    [InlineData("weights/raw/mobilenet_v1_0.25_224.h5")]
    public void Every_dataset_has_the_same_values_in_PureHDF(string name)
    {
        string path = SharedData.Find(name);
        using NativeFile theirs = H5File.OpenRead(path);
        using WeightBytes bytes = WeightBytes.Open(path);

        int compared = Compare(theirs, new Hdf5Group(new Hdf5File(bytes, new MemoryBudget(bytes)).Root));

        Assert.True(compared > 0);
    }

    [Fact]
    public void A_file_in_the_new_format_with_packed_chunks_is_read()
    {
        float[] values = [.. Enumerable.Range(0, 7 * 5 * 3).Select(i => i / 3f)];
        H5File file = new()
        {
            ["plain"] = new H5Dataset(values, fileDims: [7, 5, 3]),
            ["group"] = new H5Group { ["deep"] = new H5Dataset(new long[] { 1, -2, 3 }) },
        };
        H5DatasetCreation packed = new(Filters: [ShuffleFilter.Id, DeflateFilter.Id]);
        file["packed"] = new H5Dataset(values, fileDims: [7, 5, 3], chunks: [7, 5, 3], datasetCreation: packed);
        string path = Path.Combine(_folder, "new.h5");
        file.Write(path);
        using WeightBytes bytes = WeightBytes.Open(path);

        Hdf5Group root = new(new Hdf5File(bytes, new MemoryBudget(bytes)).Root);

        Assert.Equal(values, Singles(root.Get("plain")));
        Assert.Equal(values, Singles(root.Get("packed")));
        Assert.Equal([1f, -2f, 3f], Singles(root.Get("group/deep")));
    }

    [Fact]
    public void Packed_chunks_in_a_tree_have_the_same_values_in_PureHDF()
    {
        byte[] bytes = ChunkedHdf5.Write();
        using NativeFile theirs = H5File.Open(new MemoryStream(bytes), leaveOpen: false);
        using WeightBytes file = new("chunked.h5", bytes);

        Hdf5Group root = new(new Hdf5File(file, new MemoryBudget(file)).Root);

        Assert.Equal(ChunkedHdf5.Values, theirs.Dataset("d").Read<float[]>());
        Assert.Equal(ChunkedHdf5.Values, Singles(root.Get("d")));
    }

    [Fact]
    public void No_damaged_file_with_packed_chunks_crashes_hangs_or_exceeds_the_memory_limit()
    {
        byte[] good = ChunkedHdf5.Write();

        int readable = Mutations.AssertAllSurvive([good], file =>
        {
            Hdf5Dataset dataset = new(new Hdf5Group(new Hdf5File(file, new MemoryBudget(file)).Root).Get("d"));
            WeightTensor tensor = new("d", dataset.Type, dataset.Shape, dataset.Read());
            return new WeightFile(
                file.Path,
                new Dictionary<string, WeightTensor> { ["d"] = tensor },
                WeightFile.NoMetadata
            );
        });

        Assert.InRange(readable, 1, Mutations.Count - 1);
    }

    [Fact]
    public void A_chunk_that_needs_a_preset_dictionary_is_refused()
    {
        byte[] bytes = ChunkedHdf5.Write();
        bytes[97] = 0x20; // sets FDICT in the first chunk's zlib header; its check stays right (RFC 1950)
        using WeightBytes file = new("dictionary.h5", bytes);
        Hdf5Dataset dataset = new(new Hdf5Group(new Hdf5File(file, new MemoryBudget(file)).Root).Get("d"));

        Assert.Contains("does not unpack", Assert.Throws<WeightFileException>(() => dataset.Read()).Reason);
    }

    private static int Compare(IH5Group theirs, Hdf5Group ours)
    {
        int compared = 0;
        Assert.Equal(theirs.Children().Select(child => child.Name).Order(), ours.Names.Order());
        foreach (IH5Object child in theirs.Children())
        {
            if (child is IH5Group group)
            {
                compared += Compare(group, ours.Group(child.Name));
            }
            else if (child is IH5Dataset dataset)
            {
                Assert.Equal(
                    dataset.Space.Dimensions,
                    new Hdf5Dataset(ours.Get(child.Name)).Shape.Select(dimension => (ulong)dimension)
                );
                Assert.Equal(dataset.Read<float[]>(), Singles(ours.Get(child.Name)));
                compared++;
            }
        }

        return compared;
    }

    private static float[] Singles(Hdf5Object header)
    {
        Hdf5Dataset dataset = new(header);
        return new WeightTensor("x", dataset.Type, dataset.Shape, dataset.Read()).ToSingles();
    }
}
