using Graft.Onnx;
using Graft.Training.Bodies;

namespace Graft.Training.Tests.Bodies;

/// <summary>ONNX files with inputs of other kinds than N x 3 x H x W of a fixed size.</summary>
public sealed class ForeignInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_open_size_is_224_with_a_warning_or_the_stated_one()
    {
        string path = Toy(open: true);

        TrainableBody usual = TrainableBodyLoader.Load(new() { Body = path, InputTransform = "half" });
        TrainableBody stated = TrainableBodyLoader.Load(
            new()
            {
                Body = path,
                InputTransform = "half",
                InputSize = 64,
            }
        );

        Notice warning = Assert.Single(usual.Warnings);
        Assert.Contains("leaves height and width open: 224 x 224", warning.Text, StringComparison.Ordinal);
        Assert.Equal("Body.InputSize", warning.Option);
        Assert.Equal([3, 224, 224], usual.InputShape);
        Assert.Empty(stated.Warnings);
        Assert.Equal([3, 64, 64], stated.InputShape);
        Assert.True(BodyCatalog.Cuts(BodySource.OnnxFile(path)).IsSizeAssumed);
        Assert.False(BodyCatalog.Cuts(BodySource.OnnxFile(path) with { InputSize = 64 }).IsSizeAssumed);
    }

    [Fact]
    public void Another_size_than_that_of_the_file_is_refused()
    {
        GraftException error = Assert.Throws<GraftException>(() =>
            TrainableBodyLoader.Load(
                new()
                {
                    Body = Toy(open: false),
                    InputTransform = "half",
                    InputSize = 64,
                }
            )
        );

        Assert.Contains("fixes the size", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_grey_network_is_a_body_for_colour_pictures()
    {
        OnnxModel model = ToyWorld.Body();
        TensorProto kernel = model.Graph.Initializer[0]; // 8 x 3 x 3 x 3
        float[] values = TensorValues.ToSingles(kernel)[..(8 * 9)];
        model.Graph.Initializer[0] = TensorValues.FromSingles(kernel.Name, [8, 1, 3, 3], values);
        model.Graph.Input[0] = EdgeDeclaration.Create("x", [1, 32, 32]);
        string path = _folder.Write("grey.onnx", model.ToBytes());

        TrainableBody body = TrainableBodyLoader.Load(new() { Body = path });

        IReadOnlyList<CutPoint> cuts = CutPoints.Find(body.Model, body.InputShape);
        Assert.Equal([3, 32, 32], body.InputShape);
        Assert.Equal(body.Preprocessing.Mean.Red, body.Preprocessing.Mean.Blue);
        Assert.Equal((8 * 9) + (16 * 72), cuts[^1].ParametersBefore); // making pictures grey has no parameters
    }

    private string Toy(bool open)
    {
        OnnxModel model = ToyWorld.Body();
        if (open)
        {
            model.Graph.Input[0] = EdgeDeclaration.Create("x", [3, 0, 0]);
        }

        return _folder.Write("toy.onnx", model.ToBytes());
    }
}
