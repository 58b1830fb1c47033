using Graft.Conformance;
using Graft.Onnx;
using Graft.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Tests.Torch;

/// <summary>Runs the ONNX project's own tests and PyTorch's exports with the code of Graft.Conformance.</summary>
[Collection("torch")]
public sealed class GoldenOnnxTests
{
    // At least 180 of the 198 operator tests return the expected output; the others are refused by name.
    private const int NodesThatMustPass = 180;

    [Fact]
    public void Operators_return_the_ONNX_projects_values_or_are_refused_by_name()
    {
        List<(string Name, Verdict Verdict)> verdicts = Run("golden/onnx_nodes", Conformance.Engine.Torch);

        Assert.DoesNotContain(verdicts, entry => entry.Verdict.Outcome == Outcome.Failed);
        Assert.True(verdicts.Count(entry => entry.Verdict.Outcome == Outcome.Passed) >= NodesThatMustPass);
    }

    [Theory]
    [InlineData("golden/onnx", nameof(Conformance.Engine.Torch), 8)]
    [InlineData("golden/onnx", nameof(Conformance.Engine.OnnxRuntime), 8)]
    [InlineData("golden/onnx_light", nameof(Conformance.Engine.Torch), 5)]
    [InlineData("golden/onnx_light", nameof(Conformance.Engine.OnnxRuntime), 5)]
    public void Foreign_networks_return_their_expected_output(string folder, string engine, int count)
    {
        List<(string Name, Verdict Verdict)> verdicts = Run(folder, Enum.Parse<Conformance.Engine>(engine));

        Assert.Equal(count, verdicts.Count);
        Assert.All(verdicts, entry => Assert.Equal((entry.Name, Verdict.Passed), entry));
    }

    [Theory]
    [InlineData("golden/architectures/tf_efficientnet_lite0.json")]
    [InlineData("golden/architectures/resnet18.json")]
    [InlineData("golden/architectures/googlenet.json")]
    [InlineData("golden/architectures/densenet121.json")]
    [InlineData("golden/architectures/mobilenet_v3_small.json")]
    [InlineData("golden/architectures/squeezenet1_0.json")]
    [InlineData("golden/architectures/vgg11.json")]
    [InlineData("golden/architectures/convnext_tiny.json")]
    [InlineData("golden/real_efficientnet_lite0.json")]
    [InlineData("golden/real_vgg16.json")]
    public void TorchGraph_returns_the_reference_values_of_named_networks(string file)
    {
        Assert.Equal(Verdict.Passed, Run(file, Conformance.Engine.Torch).Single().Verdict);
    }

    [Theory]
    [InlineData("mnasnet0_5")]
    [InlineData("shufflenet_v2_x0_5")]
    [InlineData("squeezenet1_1")]
    [InlineData("test_byobnet")]
    [InlineData("test_convnext")]
    [InlineData("test_efficientnet")]
    [InlineData("test_resnet")]
    [InlineData("test_vit")]
    public void A_gradient_reaches_every_weight_of_a_foreign_network(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        OnnxModel model = OnnxModel.Load(SharedData.Find($"golden/onnx/{name}.onnx"));
        using TorchGraph graph = new(model);
        long side = model.Graph.Input[0].Type.TensorType.Shape.Dim[^1].DimValue;
        long[] shape = [2, 3, side, side];

        graph.Forward(tensor(FillingRule.Input(shape), shape)).Squared().mean().backward();

        // The trainable weights of the file: all float weights of more than one value.
        string[] weights =
        [
            .. model
                .Graph.Initializer.Where(w => TensorValues.IsFloat(w) && TensorValues.ElementCount(w, name) > 1)
                .Select(w => w.Name),
        ];
        Assert.Equal(weights.Order(), graph.Parameters.Keys.Where(key => graph.Parameters[key].numel() > 1).Order());
        Assert.All(graph.Parameters, entry =>
            Assert.True(entry.Value.grad is not null && entry.Value.grad.isfinite().all().ReadBoolean(), entry.Key)
        );
    }

    private static List<(string Name, Verdict Verdict)> Run(string folder, Conformance.Engine engine) =>
        [.. CaseFinder.Find(SharedData.Find(folder)).Select(one => (one.Name, CaseRunner.Run(one, engine)))];
}
