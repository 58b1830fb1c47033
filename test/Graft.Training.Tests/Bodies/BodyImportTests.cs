using Graft.Imaging;
using Graft.Onnx;
using Graft.Torch;
using Graft.Training.Bodies;
using Graft.Training.Extraction;

namespace Graft.Training.Tests.Bodies;

public sealed class BodyImportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private BodyStore Store => new(Path.Combine(_folder.Root, "home"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_imported_body_is_stored_with_its_card_and_loads_by_its_name()
    {
        ImportedBody report = BodyImport.Run(Store, Toy(), "toy", "half", features: null, "MIT", replace: false);

        TrainableBody body = Store.Load("toy", features: null);
        Assert.Equal(("b", "b", FeatureKind.Map), (report.Body.Boundary.Edge, body.Boundary.Edge, body.Boundary.Kind));
        Assert.Equal(("toy", "MIT", "my toy.onnx"), (body.Card.Name, body.Card.Licence, body.Card.Origin));
        Assert.Equal(new PerChannel(127.5f, 127.5f, 127.5f), body.Preprocessing.Mean);
        Assert.Equal((8 * 27) + (16 * 72), report.Card.Parameters);
        Assert.Equal((256 * 8 * 27) + (64 * 16 * 72), report.Card.MultiplyAdds);
        Assert.Equal(16, report.Card.FeatureWidth);
        Assert.Equal("x", report.TrainableFrom?.Edge);
        Assert.Equal(["toy"], Store.Cards().Select(card => card.Name));
    }

    [Fact]
    public void An_import_without_a_known_preprocessing_asks_for_it()
    {
        GraftException error = Assert.Throws<GraftException>(() =>
            BodyImport.Run(Store, Toy(), null, null, null, null, replace: false)
        );

        Assert.Equal("Body.InputTransform", error.Option);
        Assert.All(["input transform", "imagenet", "half", "caffe", "raw", "zero-to-one", "JSON"], word =>
            Assert.Contains(word, error.Message, StringComparison.Ordinal)
        );
        Assert.Empty(Store.Cards());
    }

    [Fact]
    public void A_body_with_an_unknown_preprocessing_has_all_known_ones_to_try()
    {
        TrainableBody body = TrainableBodyLoader.Load(new() { Body = Toy() });
        TrainableBody stated = TrainableBodyLoader.Load(new() { Body = Toy(), InputTransform = "half" });

        Notice warning = body.OpenTransform!.Assumption;
        Assert.Contains("ImageNet's mean and deviation are assumed", warning.Text, StringComparison.Ordinal);
        Assert.Equal("Body.InputTransform", warning.Option);
        Assert.Equal(255 * 0.485f, body.Preprocessing.Mean.Red);
        Assert.Empty(body.Warnings);
        Assert.Equal(
            ["imagenet", "half", "caffe", "raw", "zero-to-one"],
            body.OpenTransform.Choices.Select(choice => choice.Name)
        );
        Assert.Null(stated.OpenTransform);
        Assert.Equal(127.5f, stated.Preprocessing.Mean.Red);
    }

    [Theory]
    [InlineData("../evil", "cannot be a body's name")]
    [InlineData("a/b", "cannot be a body's name")]
    [InlineData(".hidden", "cannot be a body's name")]
    [InlineData("ResNet-18", "a network of the catalogue has it")]
    [InlineData("taken", "or replace it")]
    public void A_name_with_wrong_characters_or_of_another_body_is_refused(string name, string reason)
    {
        BodyImport.Run(Store, Toy(), "taken", "half", null, null, replace: false);

        Assert.Contains(
            reason,
            Assert
                .Throws<GraftException>(() => BodyImport.Run(Store, Toy(), name, "half", null, null, replace: false))
                .Message,
            StringComparison.Ordinal
        );
        BodyImport.Run(Store, Toy(), "taken", "half", null, null, replace: true);
    }

    [Fact]
    public void A_stored_network_that_was_changed_is_refused()
    {
        ImportedBody report = BodyImport.Run(Store, Toy(), "toy", "half", null, null, replace: false);
        byte[] bytes = File.ReadAllBytes(report.Path);
        bytes[^20] ^= 1;
        File.WriteAllBytes(report.Path, bytes);

        Assert.Contains(
            "its card says",
            Assert.Throws<GraftException>(() => Store.Load("toy", null)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_cut_before_an_operator_that_cannot_be_trained_moves_behind_it_with_a_notice()
    {
        OnnxModel body = WithUntrainable();
        IReadOnlyList<CutPoint> cuts = CutPoints.Find(body, [3, 32, 32]);

        CutPoint? cut = TrainableCut.Choose(body, cuts, new(TrainedPart.Whole), out string? notice);

        Assert.Equal("odd", cut?.Edge);
        Assert.Contains("'oddity' is the operator 'Bernoulli'", notice, StringComparison.Ordinal);
        Assert.Contains("'odd'", notice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_named_cut_before_such_an_operator_is_refused_with_the_nearest_usable_cut()
    {
        OnnxModel body = WithUntrainable();
        IReadOnlyList<CutPoint> cuts = CutPoints.Find(body, [3, 32, 32]);

        string message = Assert
            .Throws<GraftException>(() => TrainableCut.Choose(body, cuts, new(TrainedPart.FromEdge("a.conv")), out _))
            .Message;

        Assert.Contains("'oddity' is the operator 'Bernoulli'", message, StringComparison.Ordinal);
        Assert.Contains("the nearest cut that works is 'odd'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cut_behind_such_an_operator_is_used_unchanged()
    {
        OnnxModel body = WithUntrainable();

        CutPoint? cut = TrainableCut.Choose(
            body,
            CutPoints.Find(body, [3, 32, 32]),
            new(TrainedPart.FromEdge("odd")),
            out string? notice
        );

        Assert.Equal(("odd", null), (cut?.Edge, notice));
        Assert.Equal("Bernoulli", Assert.Single(new Trainability(body).UntrainableNodes).Operator);
    }

    private string Toy() => _folder.Write("my toy.onnx", ToyWorld.Body().ToBytes());

    // The toy network with an operator between its convolutions that ONNX Runtime knows and TorchGraph does not.
    private static OnnxModel WithUntrainable()
    {
        OnnxModel model = Subgraph.Prefix(ToyWorld.Body(), "b");
        NodeProto second = model.Graph.Node.Single(n => n.Output[0] == "b.conv");
        model.Graph.Node.Insert(
            model.Graph.Node.IndexOf(second),
            new NodeProto
            {
                OpType = "Bernoulli",
                Name = "oddity",
                Input = { "a" },
                Output = { "odd" },
            }
        );
        second.Input[0] = "odd";
        return model;
    }
}
