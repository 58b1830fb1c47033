using Graft.Onnx;
using DataType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Training.Tests.Phases;

/// <summary>Trainings that no layer of the body takes part in, though the options do not say so.</summary>
[Collection("torch")]
public sealed class HeadAloneTests
{
    [Fact]
    public void A_quantised_body_keeps_the_probe_and_says_why()
    {
        using ToyWorld world = new(imagesPerClass: 8, body: Quantised());
        List<TrainingEvent> events = [];

        TrainingResult result = Trainer.Train(
            world.Images,
            world.Run("run"),
            world.Options with
            {
                Head = new() { Hidden = [] },
                Body = world.Options.Body with { InputTransform = "zero-to-one" },
            },
            TrainingProgress.Of(events.Add),
            TestContext.Current.CancellationToken
        );

        Assert.StartsWith("probe", result.Evaluation.Shipped, StringComparison.Ordinal);
        string[] notices = [.. events.OfType<Notice>().Select(notice => notice.Text)];
        Assert.Contains(notices, text =>
            text.Contains("'QuantizeLinear'", StringComparison.Ordinal)
            && text.EndsWith("the head alone is trained.", StringComparison.Ordinal)
        );
        Assert.Contains(notices, text =>
            text.StartsWith("The probe is shipped: no layer of the body is to be trained", StringComparison.Ordinal)
        );
    }

    // The toy body with its last map rounded to bytes.
    private static OnnxModel Quantised()
    {
        OnnxModel model = ToyWorld.Body();
        model.Graph.Initializer.Add(TensorValues.FromSingles("scale", [], [0.05f]));
        model.Graph.Initializer.Add(
            new TensorProto
            {
                Name = "zero",
                DataType = (int)DataType.Uint8,
                Int32Data = { 0 },
            }
        );
        int at = model.Graph.Node.Count - 3; // before the pool, which reads b
        model.Graph.Node[at].Input[0] = "b.float";
        model.Graph.Node.Insert(at, Node("DequantizeLinear", "b.bytes", "b.float"));
        model.Graph.Node.Insert(at, Node("QuantizeLinear", "b", "b.bytes"));
        return model;
    }

    private static NodeProto Node(string operation, string input, string output) =>
        new()
        {
            OpType = operation,
            Input = { input, "scale", "zero" },
            Output = { output },
        };
}
