using Graft.Imaging;
using Graft.Onnx;
using Graft.Prediction;
using NetVips;

namespace Graft.Tests;

/// <summary>
/// A classifier of a few weights that keeps the exported file's contract: it tells red, green and blue images apart.
/// </summary>
internal static class TinyClassifier
{
    public static IReadOnlyList<string> Labels { get; } = ["red", "green", "blue"];

    public static Preprocessing Preprocessing { get; } =
        new()
        {
            Width = 32,
            Height = 24,
            ResizeShorter = 40,
        };

    /// <summary>
    /// The bytes of a whole model file; <paramref name="change"/> edits its card before it is written.
    /// </summary>
    public static byte[] Model(Func<ModelCard, ModelCard>? change = null)
    {
        OnnxModel model = Network();
        ModelCard card = Card(model);
        // unchecked: tests write wrong cards
        model.SetMetadata(ModelCard.MetadataKey, (change?.Invoke(card) ?? card).ToJson());
        return model.ToBytes();
    }

    public static ModelCard Card(OnnxModel model)
    {
        return new ModelCard
        {
            Labels = Labels,
            Preprocessing = Preprocessing,
            Bodies = [new BodyCard("tiny", "Apache-2.0", "made for a test", new string('a', 64))],
            DataFingerprint = new string('b', 64),
            Images = new ImageCounts(30, 6, 9),
            Scores = new ModelScores(0.5, null),
            CreatedBy = "Graft tests",
            SelfTest = SelfTest.Create(model.ToBytes(), "tiny", Preprocessing),
        };
    }

    /// <summary>
    /// The network without a card: (x - 127.5) / 127.5, mean over the image, one weight a colour, softmax.
    /// </summary>
    public static OnnxModel Network()
    {
        OnnxModel model = OnnxModel.Create("tiny");
        GraphProto graph = model.Graph;
        graph.Input.Add(EdgeDeclaration.Create("image", [3, Preprocessing.Height, Preprocessing.Width]));
        graph.Output.Add(EdgeDeclaration.Create("features", [3]));
        graph.Output.Add(EdgeDeclaration.Create("probabilities", [3]));
        graph.Initializer.Add(TensorValues.FromSingles("half", [1], [127.5f]));
        graph.Initializer.Add(TensorValues.FromSingles("weight", [3, 3], [4, 0, 0, 0, 4, 0, 0, 0, 4]));
        graph.Node.Add(Node("Sub", "centred", "image", "half"));
        graph.Node.Add(Node("Div", "scaled", "centred", "half"));
        graph.Node.Add(Node("GlobalAveragePool", "pooled", "scaled"));
        graph.Node.Add(Node("Flatten", "features", "pooled"));
        graph.Node.Add(Node("Gemm", "logits", "features", "weight").WithAttribute("transB", 1L));
        graph.Node.Add(Node("Softmax", "probabilities", "logits").WithAttribute("axis", 1L));
        return model;
    }

    /// <summary>A PNG of one colour, 60 x 50.</summary>
    public static byte[] Png(byte red, byte green, byte blue)
    {
        Vips.Prepare();
        using Image black = Image.Black(60, 50, bands: 3);
        using Image coloured = black.Linear([1], [red, green, blue], uchar: true);
        return coloured.PngsaveBuffer();
    }

    private static NodeProto Node(string operation, string output, params string[] inputs) =>
        new()
        {
            OpType = operation,
            Name = output,
            Input = { inputs },
            Output = { output },
        };
}
