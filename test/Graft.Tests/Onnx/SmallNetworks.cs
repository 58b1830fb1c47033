using Graft.Infrastructure;
using Graft.Onnx;

namespace Graft.Tests.Onnx;

/// <summary>Hand-written networks of a few nodes.</summary>
internal static class SmallNetworks
{
    public static readonly long[] InputShape = [3, 8, 8];

    /// <summary>
    /// x → conv a (4) → relu b → [conv c → add d with b] → global pool e → flatten f → gemm logits (5).
    /// </summary>
    public static OnnxModel Residual()
    {
        OnnxModel model = OnnxModel.Create("residual");
        model.Graph.Input.Add(EdgeDeclaration.Create("x", InputShape));
        Add(model, "Conv", ["x", Weight(model, "a.weight", 4, 3, 3, 3)], "a").WithAttribute("pads", 1, 1, 1, 1);
        Add(model, "Relu", ["a"], "b");
        Add(model, "Conv", ["b", Weight(model, "c.weight", 4, 4, 1, 1)], "c");
        Add(model, "Add", ["b", "c"], "d");
        Add(model, "GlobalAveragePool", ["d"], "e");
        Add(model, "Flatten", ["e"], "f");
        Add(model, "Gemm", ["f", Weight(model, "fc.weight", 5, 4), Weight(model, "fc.bias", 5)], "logits")
            .WithAttribute("transB", 1);
        model.Graph.Output.Add(new ValueInfoProto { Name = "logits" });
        return model;
    }

    public static NodeProto Add(OnnxModel model, string operation, string[] inputs, string output)
    {
        NodeProto node = new()
        {
            OpType = operation,
            Input = { inputs },
            Output = { output },
        };
        model.Graph.Node.Add(node);
        return node;
    }

    /// <summary>A weight with reproducible values in -0.5..0.5.</summary>
    public static string Weight(OnnxModel model, string name, params long[] shape)
    {
        CountedRandom random = new(1, RandomPurpose.HeadValues, (uint)model.Graph.Initializer.Count);
        float[] values = new float[shape.Aggregate(1L, (product, d) => product * d)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(random.Uniform((uint)i) - 0.5);
        }

        model.Graph.Initializer.Add(TensorValues.FromSingles(name, shape, values));
        return name;
    }

    /// <summary>Images N x 3 x 8 x 8 with reproducible values.</summary>
    public static float[] Images(int count)
    {
        CountedRandom random = new(2, RandomPurpose.HeadValues);
        return [.. Enumerable.Range(0, count * 3 * 8 * 8).Select(i => (float)random.Uniform((uint)i))];
    }

    /// <summary>The first output for the given input.</summary>
    public static float[] Run(OnnxModel model, float[] input, params long[] shape)
    {
        using OnnxSession network = new(model, "test");
        return network.Run(input, shape)[0].Singles!;
    }
}
