using Graft.Onnx;

namespace Graft.Tests.Onnx;

public sealed class OnnxModelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("graft-onnx").FullName;

    [Fact]
    public void A_saved_model_loads_with_the_same_bytes_and_metadata()
    {
        OnnxModel model = SmallNetworks.Residual();
        model.SetMetadata("key", "value");
        string path = Path.Combine(_folder, "model.onnx");

        model.Save(path);

        OnnxModel loaded = OnnxModel.Load(path);
        Assert.Equal(model.ToBytes(), loaded.ToBytes());
        Assert.Equal("value", loaded.GetMetadata("key"));
    }

    [Theory]
    [InlineData("no protobuf at all")]
    [InlineData("")]
    public void A_file_that_is_not_ONNX_is_refused_by_name(string content)
    {
        string path = Path.Combine(_folder, "fake.onnx");
        File.WriteAllText(path, content);

        OnnxException error = Assert.Throws<OnnxException>(() => OnnxModel.Load(path));

        Assert.Contains("fake.onnx", error.Message, StringComparison.Ordinal);
        Assert.Contains("not an ONNX file", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "a Git LFS pointer")]
    [InlineData("\n<!DOCTYPE html><html>sign in</html>", "a web page")]
    [InlineData("PK\u0003\u0004archive/data.pkl", "a zip archive, as PyTorch (.pth, .pt)")]
    [InlineData("\u0018\0\0\0TFL3 and more", "a TensorFlow Lite file")]
    [InlineData("\u0002\0\0\0\0\0\0\0{}", "a safetensors file")]
    [InlineData("", "an empty file")]
    public void A_file_of_another_kind_is_named_as_what_it_is(string content, string kind)
    {
        string path = Path.Combine(_folder, "network.onnx");
        File.WriteAllText(path, content, System.Text.Encoding.Latin1);

        OnnxException error = Assert.Throws<OnnxException>(() => OnnxModel.Load(path));

        Assert.StartsWith($"not an ONNX file: it is {kind}", error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_named_as_a_folder()
    {
        OnnxException error = Assert.Throws<OnnxException>(() => OnnxModel.Load(_folder));

        Assert.Equal("it is a folder; name the .onnx file in it", error.Reason);
    }

    [Fact]
    public void Missing_external_data_is_named_with_the_place_where_it_belongs()
    {
        string path = Path.Combine(_folder, "model.onnx");
        OnnxModel model = SmallNetworks.Residual();
        TensorProto weight = model.Graph.Initializer[0];
        weight.DataLocation = TensorProto.Types.DataLocation.External;
        weight.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "sub/model.onnx.data" });
        weight.ClearRawData();
        File.WriteAllBytes(path, Google.Protobuf.MessageExtensions.ToByteArray(model.Proto));

        OnnxException error = Assert.Throws<OnnxException>(() => OnnxModel.Load(path));

        string folder = Path.Combine(_folder, "sub");
        Assert.Equal(
            "its weights lie in the file 'model.onnx.data', which is missing; "
                + $"copy 'model.onnx.data' into the folder '{folder}'",
            error.Reason
        );
    }

    [Fact]
    public void An_exception_names_its_subject_and_its_reason()
    {
        OnnxException error = Assert.Throws<OnnxException>(() => OnnxModel.Load("no/such.onnx"));

        Assert.Equal("no/such.onnx", error.Subject);
        Assert.Equal("there is no such file; check the path", error.Reason);
        Assert.Equal($"'{error.Subject}' cannot be used: {error.Reason}", error.Message);
    }

    [Fact]
    public void A_message_without_a_subject_is_its_own_reason()
    {
        GraftException error = new("the disk is full; delete something");

        Assert.Null(error.Subject);
        Assert.Equal(error.Message, error.Reason);
    }

    [Fact]
    public void A_cycle_is_refused()
    {
        OnnxModel model = OnnxModel.Create("cycle");
        SmallNetworks.Add(model, "Relu", ["b"], "a");
        SmallNetworks.Add(model, "Relu", ["a"], "b");
        model.Graph.Output.Add(new ValueInfoProto { Name = "b" });

        OnnxException error = Assert.Throws<OnnxException>(() => OnnxModel.Parse(model.ToBytes(), "cycle"));

        Assert.Contains("cycle", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_weight_whose_data_is_shorter_than_its_shape_is_refused()
    {
        OnnxModel model = SmallNetworks.Residual();
        model.Graph.Initializer[0].Dims[0] = 1000;

        OnnxException error = Assert.Throws<OnnxException>(() => OnnxModel.Parse(model.ToBytes(), "short"));

        Assert.Contains("a.weight", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../outside.bin")]
    [InlineData("/etc/hostname")]
    public void External_data_outside_the_folder_is_refused(string location)
    {
        File.WriteAllBytes(Path.Combine(_folder, "..", "outside.bin"), new byte[432]);
        OnnxModel model = WithExternalWeight(location);
        string path = Path.Combine(_folder, "model.onnx");
        model.Save(path);

        OnnxException error = Assert.Throws<OnnxException>(() => OnnxModel.Load(path));

        Assert.Contains("outside the model's folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void External_data_of_a_nested_graph_is_refused()
    {
        OnnxModel model = SmallNetworks.Residual();
        TensorProto hidden = WithExternalWeight("weights.bin").Graph.Initializer[0].Clone();
        model
            .Graph.Node[0]
            .Attribute.Add(
                new AttributeProto
                {
                    Name = "then_branch",
                    G = new GraphProto { Name = "inner", Initializer = { hidden } },
                }
            );
        string path = Path.Combine(_folder, "model.onnx");
        model.Save(path);

        OnnxException error = Assert.Throws<OnnxException>(() => OnnxModel.Load(path));

        Assert.Contains("of a nested graph lies in another file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void External_data_over_the_limit_is_refused()
    {
        File.WriteAllBytes(
            Path.Combine(_folder, "weights.bin"),
            SmallNetworks.Residual().Graph.Initializer[0].RawData.ToByteArray()
        );
        string path = Path.Combine(_folder, "model.onnx");
        WithExternalWeight("weights.bin").Save(path);

        OnnxException error = Assert.Throws<OnnxException>(() => OnnxModel.Load(path, new() { ExternalBytes = 100 }));

        Assert.Contains("external data is larger than the limit", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void External_data_beside_the_model_is_read()
    {
        OnnxModel inside = SmallNetworks.Residual();
        byte[] bytes = inside.Graph.Initializer[0].RawData.ToByteArray();
        File.WriteAllBytes(Path.Combine(_folder, "weights.bin"), bytes);
        OnnxModel model = WithExternalWeight("weights.bin");
        string path = Path.Combine(_folder, "model.onnx");
        model.Save(path);

        OnnxModel loaded = OnnxModel.Load(path);

        Assert.Equal(inside.ToBytes(), loaded.ToBytes());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static OnnxModel WithExternalWeight(string location)
    {
        OnnxModel model = SmallNetworks.Residual();
        TensorProto weight = model.Graph.Initializer[0];
        weight.ClearRawData();
        weight.DataLocation = TensorProto.Types.DataLocation.External;
        weight.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        return model;
    }
}
