using System.Runtime.InteropServices;
using Graft.Imaging;
using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Weights;

namespace Graft.Training.Tests.Bodies;

/// <summary>Tests how weight files are fitted to networks, with small SqueezeNets written by the tests.</summary>
public sealed class BodyLoaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("graft-bodies-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_default_body_is_embedded_and_states_its_origin()
    {
        Body body = NamedBodies.Load("EfficientNet-Lite0");

        Assert.True(body.HasClassifier);
        Assert.Equal("tf_efficientnet_lite0", body.Card.Name);
        Assert.Equal("Apache-2.0", body.Card.Licence);
        Assert.Contains("TensorFlow", body.Card.Origin!, StringComparison.Ordinal);
        Assert.Equal("034acb56b672e9a628bcb156922afeb15d0cc1f6a1bf16a16ea21db303f95e58", body.Card.WeightsSha256);
        Assert.Equal(NamedBodies.Default.Preprocessing, body.Card.Preprocessing);
    }

    [Fact]
    public void An_unknown_file_gets_the_usual_preprocessing_and_no_licence()
    {
        Body body = NamedBodies.Load("squeezenet1_1", Write(Tensors("squeezenet1_1", 1000)));

        Assert.Equal(PreprocessingPresets.ImageNet(256, 224), body.Card.Preprocessing);
        Assert.Null(body.Card.Licence);
        Assert.Null(body.Card.Origin);
    }

    [Fact]
    public void A_stated_preprocessing_decides_the_size_of_the_network()
    {
        Preprocessing stated = PreprocessingPresets.Half(112, 96, Interpolation.Bilinear);

        Body body = NamedBodies.Load("squeezenet1_1", Write(Tensors("squeezenet1_1", 1000)), stated);

        Assert.Equal(stated, body.Card.Preprocessing);
        Assert.Equal(
            [96, 96],
            body.Model.Graph.Input[0].Type.TensorType.Shape.Dim.Skip(2).Select(d => (int)d.DimValue)
        );
    }

    [Fact]
    public void Known_weights_have_their_own_preprocessing()
    {
        Body body = NamedBodies.Load("squeezenet1_1", SharedData.Find("weights/squeezenet1_1.fp16.safetensors"));

        Assert.Equal(PreprocessingPresets.Caffe(104, 117, 123), body.Card.Preprocessing);
        Assert.Equal("BSD-2-Clause", body.Card.Licence);
    }

    [Fact]
    public void A_network_trained_for_other_classes_keeps_their_number()
    {
        Body body = NamedBodies.Load("squeezenet1_1", Write(Tensors("squeezenet1_1", 17)));

        Assert.Equal(17, body.Model.Graph.Output[0].Type.TensorType.Shape.Dim[1].DimValue);
    }

    [Fact]
    public void Values_reach_their_weights()
    {
        List<WeightTensor> tensors = Tensors("squeezenet1_1", 10);
        float[] values = [.. Enumerable.Range(0, 64).Select(i => i / 8f)];
        byte[] halves = MemoryMarshal.AsBytes(values.Select(v => (Half)v).ToArray().AsSpan()).ToArray();
        tensors[tensors.FindIndex(t => t.Name == "features.0.bias")] = new(
            "features.0.bias",
            WeightType.Float16,
            [64],
            halves
        );

        Body body = NamedBodies.Load("squeezenet1_1", Write(tensors));

        Assert.Equal(
            values,
            TensorValues.ToSingles(body.Model.Graph.Initializer.Single(t => t.Name == "features.0.bias"))
        );
    }

    [Fact]
    public void A_file_without_a_classifier_makes_a_body_that_ends_in_its_feature_map()
    {
        List<WeightTensor> tensors =
        [
            .. Tensors("squeezenet1_1", 1000).Where(t => t.Name.StartsWith("features.", StringComparison.Ordinal)),
        ];

        Body body = NamedBodies.Load("squeezenet1_1", Write(tensors));

        Assert.False(body.HasClassifier);
        Assert.Equal("features.12", body.Model.Graph.Output.Single().Name);
        Assert.DoesNotContain(body.Model.Graph.Node, n => n.Name.StartsWith("classifier", StringComparison.Ordinal));
    }

    [Fact]
    public void Missing_unexpected_and_misshapen_tensors_are_all_named_in_one_line()
    {
        List<WeightTensor> tensors = Tensors("squeezenet1_1", 1000);
        tensors[tensors.FindIndex(t => t.Name == "features.0.weight")] = Zeros("features.0.weights", 64, 3, 3, 3);
        tensors[tensors.FindIndex(t => t.Name == "features.3.squeeze.bias")] = Zeros("features.3.squeeze.bias", 15);

        WeightFileException error = Assert.Throws<WeightFileException>(() =>
            NamedBodies.Load("squeezenet1_1", Write(tensors))
        );

        Assert.Contains(
            "1 missing: 'features.0.weight' [64, 3, 3, 3] (nearest: 'features.0.weights' [64, 3, 3, 3])",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "1 of another shape: 'features.3.squeeze.bias' is [15], [16] is needed",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("1 unexpected: 'features.0.weights'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void An_incomplete_classifier_is_refused()
    {
        List<WeightTensor> tensors = [.. Tensors("squeezenet1_1", 1000).Where(t => t.Name != "classifier.1.bias")];

        WeightFileException error = Assert.Throws<WeightFileException>(() =>
            NamedBodies.Load("squeezenet1_1", Write(tensors))
        );

        Assert.Contains("missing: 'classifier.1.bias'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_of_a_larger_network_do_not_pass_for_those_of_a_smaller_one()
    {
        WeightFileException error = Assert.Throws<WeightFileException>(() =>
            NamedBodies.Load("resnet18", Write(Tensors("resnet34", 1000)))
        );

        Assert.Contains("unexpected: 'layer1.2.bn1.bias'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Counters_of_training_steps_are_ignored()
    {
        List<WeightTensor> tensors = Tensors("mobilenet_v1_025", 1000);
        tensors.Add(new WeightTensor("bn1.num_batches_tracked", WeightType.Int64, [], new byte[8]));

        Body body = NamedBodies.Load("mobilenet_v1_0.25", Write(tensors));

        Assert.DoesNotContain(body.Model.Graph.Initializer, t =>
            t.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Without_a_file_or_a_package_only_the_embedded_body_loads()
    {
        MissingWeightsException error = Assert.Throws<MissingWeightsException>(() => NamedBodies.Load("vgg16"));

        Assert.Equal(
            "'vgg16' cannot be loaded: its weights are not on this machine; "
                + "reference the package Graft.Weights.Vgg16, download them, "
                + "add a file of them, or choose a weight file",
            error.Message
        );
        Assert.Equal(("vgg16", true), (error.Subject, error.CanBeDownloaded));
    }

    private static List<WeightTensor> Tensors(string name, int classCount) =>
        [
            .. NamedBodies
                .Find(name)
                .Architecture.Build(64, classCount)
                .Parameters.Select(p => Zeros(p.Name, [.. p.Dims])),
        ];

    private static WeightTensor Zeros(string name, params long[] shape) =>
        new(name, WeightType.Float32, shape, new byte[4 * shape.Aggregate(1L, (product, d) => product * d)]);

    private string Write(IEnumerable<WeightTensor> tensors)
    {
        string path = Path.Combine(_folder, "weights.safetensors");
        SafetensorsFile.Write(path, tensors);
        return path;
    }
}
