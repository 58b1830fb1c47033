using System.Text.Json;
using Graft.Conformance;
using Graft.Onnx;
using Graft.Training.Bodies;

namespace Graft.Training.Tests.Bodies;

/// <summary>Tests the builders that have no file in golden/architectures.</summary>
[Collection("torch")]
public sealed class BuilderAgreementTests
{
    /// <summary>Relative tolerance of float32 against a reference in double precision.</summary>
    private const double Tolerance = 1e-3;

    /// <summary>
    /// Tolerance as a share of the largest logit: two engines sum in another order, through up to 155 layers.
    /// </summary>
    private const double EngineTolerance = 1e-3;

    /// <summary>
    /// Largest useful logit. With the weights of the filling rule residual sums grow with depth, to 1.6e11 in
    /// ResNet152. Above this value, or below 0.001, a comparison would mean little.
    /// </summary>
    private const double LargestLogit = 1e12;

    /// <summary>An odd size, which no stride divides: it tests rounding and padding.</summary>
    private const int OddSide = 97;

    public static TheoryData<string> WithoutGoldenFile
    {
        get
        {
            string folder = Path.Combine(SharedData.Root, "..", "shared", "golden", "architectures");
            return
            [
                .. NamedBodies
                    .Entries.Select(e => e.Name)
                    .Where(name => !File.Exists(Path.Combine(folder, name + ".json")))
                    // 86 million weights; the small ones have the same layers
                    .Where(name => !name.StartsWith("vit_base", StringComparison.Ordinal)),
            ];
        }
    }

    /// <summary>
    /// PyTorch's exports contain the same networks with 10 classes and the same names and weights.
    /// </summary>
    [Theory]
    [InlineData("mnasnet0_5", Conformance.Engine.OnnxRuntime)]
    [InlineData("mnasnet0_5", Conformance.Engine.Torch)]
    [InlineData("shufflenet_v2_x0_5", Conformance.Engine.OnnxRuntime)]
    [InlineData("shufflenet_v2_x0_5", Conformance.Engine.Torch)]
    [InlineData("squeezenet1_1", Conformance.Engine.OnnxRuntime)]
    [InlineData("squeezenet1_1", Conformance.Engine.Torch)]
    public void A_builder_computes_the_logits_of_PyTorchs_export(string name, object engine)
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(SharedData.Find($"golden/onnx/{name}.json")));
        int side = golden.RootElement.GetProperty("input_size").GetInt32();

        Values logits = Logits(name, side, classCount: 10, (Conformance.Engine)engine);

        Assert.Null(Digest.Read(golden.RootElement.GetProperty("logits")).Difference("logits", logits, Tolerance));
    }

    [Theory]
    [MemberData(nameof(WithoutGoldenFile))]
    public void Both_engines_agree_on_a_network_at_an_odd_size(string name)
    {
        // VGG's classifier has 120 million weights; vgg11 and vgg16 test it
        int classCount = name.StartsWith("vgg", StringComparison.Ordinal) ? 0 : 10;
        int side = SideOf(name);
        Values runtime = Logits(name, side, classCount, Conformance.Engine.OnnxRuntime);
        Values torch = Logits(name, side, classCount, Conformance.Engine.Torch);

        double size = runtime.Flat.Max(Math.Abs);
        Assert.Equal(runtime.Shape, torch.Shape);
        Assert.InRange(size, 1e-3, LargestLogit);
        Assert.All(runtime.Flat.Zip(torch.Flat), pair =>
            Assert.InRange(Math.Abs(pair.First - pair.Second), 0, EngineTolerance * size)
        );
    }

    // Transformers take whole patches.
    private static int SideOf(string name) =>
        name.Contains("patch14", StringComparison.Ordinal) ? 98
        : name.Contains("patch16", StringComparison.Ordinal) ? 96
        : OddSide;

    private static Values Logits(string name, int side, int classCount, Conformance.Engine engine)
    {
        OnnxModel model = NamedBodies.Find(name).Architecture.Build(side, classCount).Filled();
        long[] shape = [2, 3, side, side];
        return GraphRunner.Run(engine, model, [GraphRunner.Input(shape, FillingRule.Input(shape))])[0].Value;
    }
}
