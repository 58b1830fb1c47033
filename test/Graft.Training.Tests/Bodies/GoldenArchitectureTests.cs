using System.Text.Json;
using Graft.Conformance;
using Graft.Onnx;
using Graft.Training.Bodies;

namespace Graft.Training.Tests.Bodies;

public class GoldenArchitectureTests
{
    /// <summary>Relative tolerance of up to 121 float32 layers against a reference in double precision.</summary>
    private const double Tolerance = 1e-3;

    public static TheoryData<string> Names => [.. NamesIn("architectures"), .. NamesIn("architectures_timm")];

    private static IEnumerable<string> NamesIn(string part)
    {
        string folder = Path.Combine(SharedData.Root, "..", "shared", "golden", part);
        return Directory.Exists(folder)
            ? Directory
                .EnumerateFiles(folder, "*.json")
                .Select(file => $"{part}/{Path.GetFileNameWithoutExtension(file)}")
                .Where(name => !name.EndsWith("position_embedding", StringComparison.Ordinal))
                .Order()
            : [$"{part}/vgg16"];
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Names_shapes_counts_and_values_equal_the_reference(string name)
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(SharedData.Find($"golden/{name}.json")));
        JsonElement expected = golden.RootElement;
        int side = expected.GetProperty("input_size").GetInt32();

        BuiltNetwork built = NamedBodies.Find(Path.GetFileName(name)).Architecture.Build(side);

        string[] tensors =
        [
            .. expected
                .GetProperty("tensors")
                .EnumerateArray()
                .Select(t => $"{t[0].GetString()} {t[1].GetRawText().Replace(" ", "")}"),
        ];
        Assert.Equal(tensors, built.Parameters.Select(p => $"{p.Name} [{string.Join(',', p.Dims)}]"));
        Assert.Equal(expected.GetProperty("parameters").GetInt64(), built.ParameterCount);
        AssertValues(built, expected, side);
    }

    private static void AssertValues(BuiltNetwork built, JsonElement expected, int side)
    {
        OnnxModel model = built.Filled();
        NodeProto head = model.Graph.Node.Single(n => n.Name == expected.GetProperty("head").GetString());
        long[] shape = [2, 3, side, side];
        float[][] values = OnnxRun.Run(
            model,
            FillingRule.Input(shape),
            shape,
            head.Input[0],
            model.Graph.Output[0].Name,
            built.FeatureEdge
        );
        Digest headInput = Digest.Read(expected.GetProperty("head_input"));
        headInput.AssertMatches(Averaged(values[0], headInput.Shape), Tolerance, "head input");
        Digest.Read(expected.GetProperty("logits")).AssertMatches(values[1], Tolerance, "logits");
        if (expected.TryGetProperty("tokens", out JsonElement tokens))
        {
            float[] patches = [.. values[2].Chunk(values[2].Length / 2).SelectMany(row => row[(row.Length / 2)..])];
            Digest.Read(tokens).AssertMatches(patches, Tolerance, "mean of the patch tokens");
        }
    }

    /// <summary>
    /// For a head that is a convolution (SqueezeNet), the reference has the mean of its input over height and width.
    /// </summary>
    private static float[] Averaged(float[] values, long[] shape)
    {
        long count = shape.Aggregate(1L, (product, d) => product * d);
        return [.. values.Chunk((int)(values.Length / count)).Select(map => map.Average())];
    }
}
