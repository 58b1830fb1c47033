using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Prediction;

namespace Graft.Tests.Prediction;

public sealed class PredictorLoadTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_without_a_card_is_refused()
    {
        string path = _folder.Write("m.onnx", TinyClassifier.Network().ToBytes());

        Assert.Contains(
            "it has no card",
            Assert.Throws<ModelCardException>(() => Predictor.Load(path)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_card_of_another_version_is_refused() =>
        Assert.Contains(
            "version 3",
            Refused(TinyClassifier.Model(card => card with { Version = 3 })),
            StringComparison.Ordinal
        );

    [Fact]
    public void More_labels_than_outputs_are_refused()
    {
        byte[] model = TinyClassifier.Model(card =>
            card with
            {
                Labels = ["a", "b", "c", "d"],
                SelfTest = card.SelfTest with { Expected = [.. card.SelfTest.Expected, 0] },
            }
        );

        Assert.Contains("4 labels", Refused(model), StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_that_computes_something_else_is_refused()
    {
        OnnxModel model = OnnxModel.Parse(TinyClassifier.Model(), "tiny");
        model.Graph.Initializer[1].MergeFrom(new TensorProto());
        model.Graph.Initializer[1].RawData = TensorValues
            .FromSingles("weight", [9], [4, 0, 0, 0, 4, 0, 0, 0, 3.9f])
            .RawData;

        Assert.Contains("self-test gives other probabilities", Refused(model.ToBytes()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_that_returns_no_numbers_is_refused()
    {
        OnnxModel model = OnnxModel.Parse(TinyClassifier.Model(), "tiny");
        model.Graph.Initializer[1].RawData = TensorValues
            .FromSingles("weight", [9], [float.NaN, 0, 0, 0, 4, 0, 0, 0, 4])
            .RawData;

        Assert.Contains("not numbers", Refused(model.ToBytes()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_self_test_with_another_image_is_refused()
    {
        byte[] model = TinyClassifier.Model(card =>
            card with
            {
                SelfTest = card.SelfTest with { PixelsSha256 = new string('0', 64) },
            }
        );

        Assert.Contains("another image", Refused(model), StringComparison.Ordinal);
    }

    [Fact]
    public void A_card_of_another_size_than_the_networks_is_refused()
    {
        byte[] model = TinyClassifier.Model(card =>
            card with
            {
                Preprocessing = card.Preprocessing with { Width = 64, ResizeShorter = 64 },
            }
        );

        Assert.Contains("cannot be used", Refused(model), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("image", "input")]
    [InlineData("probabilities", "output")]
    public void A_network_with_other_names_is_refused(string from, string to)
    {
        OnnxModel model = OnnxModel.Parse(TinyClassifier.Model(), "tiny");
        foreach (
            ValueInfoProto value in model.Graph.Input.Concat(model.Graph.Output).Where(value => value.Name == from)
        )
        {
            value.Name = to;
        }

        foreach (NodeProto node in model.Graph.Node)
        {
            Rename(node.Input, from, to);
            Rename(node.Output, from, to);
        }

        Assert.Contains("no Graft classifier", Refused(model.ToBytes()), StringComparison.Ordinal);
    }

    [Fact]
    public void External_weights_are_refused()
    {
        OnnxModel model = OnnxModel.Parse(TinyClassifier.Model(), "tiny");
        TensorProto weight = model.Graph.Initializer[1];
        weight.ClearRawData();
        weight.DataLocation = TensorProto.Types.DataLocation.External;
        weight.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "../../etc/passwd" });

        Assert.Contains("external", Refused(model.ToBytes()), StringComparison.Ordinal);
    }

    [Fact]
    public void External_weights_of_an_inner_graph_are_refused_too()
    {
        OnnxModel model = OnnxModel.Parse(TinyClassifier.Model(), "tiny");
        TensorProto weight = new()
        {
            Name = "hidden",
            DataType = (int)TensorProto.Types.DataType.Float,
            Dims = { 1 },
            DataLocation = TensorProto.Types.DataLocation.External,
        };
        weight.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "secret.bin" });
        model
            .Graph.Node[0]
            .Attribute.Add(
                new AttributeProto
                {
                    Name = "then_branch",
                    G = new GraphProto { Name = "inner", Initializer = { weight } },
                }
            );

        Assert.Contains("external", Refused(model.ToBytes()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_over_a_limit_is_refused_before_it_is_run()
    {
        byte[] model = TinyClassifier.Model();
        string path = _folder.Write("m.onnx", model);

        Assert.Contains(
            $"{model.Length:N0} bytes long, more than the limit of 100",
            Refused(path, new() { ModelBytes = 100 }),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "6 nodes, more than the limit of 5",
            Refused(path, new() { ModelNodes = 5 }),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "Limits.ModelNodes",
            Assert
                .Throws<OptionsException>(() => Predictor.Load(path, new() { Limits = new() { ModelNodes = 0 } }))
                .Message,
            StringComparison.Ordinal
        );
        Predictor
            .Load(
                path,
                new()
                {
                    Limits = new() { ModelBytes = model.Length, ModelNodes = 6 },
                }
            )
            .Dispose();
        Assert.Contains(
            "limit of 100",
            Assert
                .Throws<OnnxException>(() =>
                    Predictor.Load(model, "memory", new() { Limits = new() { ModelBytes = 100 } })
                )
                .Message,
            StringComparison.Ordinal
        );

        static string Refused(string path, Limits limits) =>
            Assert.Throws<OnnxException>(() => Predictor.Load(path, new() { Limits = limits })).Message;
    }

    [Fact]
    public void Nodes_of_graphs_within_nodes_count_against_the_limit()
    {
        OnnxModel model = OnnxModel.Parse(TinyClassifier.Model(), "tiny");
        GraphProto inner = new() { Name = "inner" };
        for (int i = 0; i < 50; i++)
        {
            inner.Node.Add(
                new NodeProto
                {
                    OpType = "Identity",
                    Input = { "image" },
                    Output = { $"copy{i}" },
                }
            );
        }

        model.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "then_branch", G = inner });

        OnnxException error = Assert.Throws<OnnxException>(() =>
            Predictor.Load(model.ToBytes(), "m.onnx", new() { Limits = new() { ModelNodes = 50 } })
        );

        Assert.Contains("56 nodes, more than the limit of 50", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_is_no_model_is_refused_with_its_name()
    {
        string text = _folder.Write("text.onnx", "this is no model");
        string empty = _folder.Write("empty.onnx", []);

        Assert.Contains(
            "not an ONNX file",
            Assert.Throws<OnnxException>(() => Predictor.Load(text)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "0 bytes long",
            Assert.Throws<OnnxException>(() => Predictor.Load(empty)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "it is a folder",
            Assert.Throws<OnnxException>(() => Predictor.Load(_folder.Root)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "no such file",
            Assert.Throws<OnnxException>(() => Predictor.Load(text + "x")).Message,
            StringComparison.Ordinal
        );
    }

    // A file that is cut or has one byte changed is refused. It may work if the byte lies in a name that nobody reads.
    // It never ends the process.
    [Fact]
    public void A_damaged_file_is_refused_or_works()
    {
        byte[] whole = TinyClassifier.Model();
        int refused = 0;
        for (uint i = 0; i < 400; i++)
        {
            CountedRandom random = new(2, RandomPurpose.Folds, image: i);
            byte[] damaged = i % 2 == 0 ? whole[..random.Below(whole.Length, 0)] : [.. whole];
            if (i % 2 == 1)
            {
                damaged[random.Below(whole.Length, 0)] ^= (byte)(1 + random.Below(255, 1));
            }

            try
            {
                Predictor.Load(damaged, "damaged").Dispose();
            }
            catch (GraftException error)
            {
                Assert.DoesNotContain('\n', error.Message);
                refused++;
            }
        }

        Assert.InRange(refused, 300, 400);
    }

    private static void Rename(Google.Protobuf.Collections.RepeatedField<string> names, string from, string to)
    {
        for (int i = 0; i < names.Count; i++)
        {
            names[i] = names[i] == from ? to : names[i];
        }
    }

    private static string Refused(byte[] model)
    {
        GraftException error = Assert.ThrowsAny<GraftException>(() => Predictor.Load(model, "m.onnx"));
        Assert.StartsWith("'m.onnx' cannot be used: ", error.Message, StringComparison.Ordinal);
        return error.Message;
    }
}
