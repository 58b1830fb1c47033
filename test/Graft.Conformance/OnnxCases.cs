using System.Text.Json;
using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Torch;

namespace Graft.Conformance;

/// <summary>Cases for ONNX files.</summary>
internal static class OnnxCases
{
    private const double DigestTolerance = 1e-3;

    /// <summary>
    /// A case of the ONNX project's operator tests: a folder with model.onnx, and with input_i.pb and output_i.pb in it
    /// or in folders test_data_set_N.
    /// </summary>
    public static ConformanceCase Node(string name, string folder) => new(name, engine =>
        {
            OnnxModel model = OnnxModel.Load(Path.Combine(folder, "model.onnx"));
            IEnumerable<string> sets = Directory
                .EnumerateDirectories(folder, "test_data_set_*")
                .Order(StringComparer.Ordinal)
                .DefaultIfEmpty(folder);
            string? difference = sets.Select(set =>
                    Compare(engine, model, Numbered(set, "input"), Numbered(set, "output"))
                )
                .FirstOrDefault(text => text is not null);
            return difference is null ? Verdict.Passed : Verdict.Failed(difference);
        });

    /// <summary>A case of NAME.onnx with NAME_output_0.pb, whose input is x[i] = i / n.</summary>
    public static ConformanceCase Light(string name, string model, string output) => new(name, engine =>
        {
            OnnxModel network = OnnxModel.Load(model);
            long[] shape =
            [
                .. new OnnxGraph(network)
                    .Inputs[0]
                    .Type.TensorType.Shape.Dim.Select(dimension => Math.Max(dimension.DimValue, 1)),
            ];
            float[] values = new float[shape.Aggregate(1L, (product, size) => checked(product * size))];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = (float)((double)i / values.Length);
            }

            // All weights of a light model are equal, so SqueezeNet's softmax has 1000 equal logits of about 1e9. The
            // kernel for channels-last sums some channels in another order. This moves logits by hundreds, and a single
            // class gets all of the probability. The plain layout sums in ONNX Runtime's order.
            return Judge(
                Compare(
                    engine,
                    network,
                    [GraphRunner.Input(shape, values)],
                    [Values.Read(output)],
                    new TorchGraphOptions { ChannelsLast = false }
                )
            );
        });

    /// <summary>
    /// A case of NAME.onnx with NAME.json: the input comes from <see cref="FillingRule"/>, and the logits are compared
    /// with a digest.
    /// </summary>
    public static ConformanceCase Export(string name, string json) => new(name, engine =>
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(json));
            long size = document.RootElement.GetProperty("input_size").GetInt64();
            string file = document.RootElement.GetProperty("model").GetString() ?? "";
            OnnxModel model = OnnxModel.Load(Path.Combine(Path.GetDirectoryName(json)!, Path.GetFileName(file)));
            long[] shape = [2, 3, size, size];
            (string output, Values logits) = GraphRunner.Run(
                engine,
                model,
                [GraphRunner.Input(shape, FillingRule.Input(shape))]
            )[0];
            return Judge(
                Digest
                    .Read(document.RootElement.GetProperty("logits"))
                    .Difference(Printable.Text(output), logits, DigestTolerance)
            );
        });

    private static Verdict Judge(string? difference) =>
        difference is null ? Verdict.Passed : Verdict.Failed(difference);

    private static string? Compare(
        Engine engine,
        OnnxModel model,
        List<TensorProto> inputs,
        List<TensorProto> expected,
        TorchGraphOptions? options = null
    )
    {
        IReadOnlyList<(string Name, Values Value)> outputs = GraphRunner.Run(engine, model, inputs, options);
        if (expected.Count == 0 || expected.Count > outputs.Count)
        {
            return $"the case has {expected.Count} outputs and the graph has {outputs.Count}";
        }

        return expected
            .Select(
                (tensor, i) =>
                    Comparison.Difference(outputs[i].Name, Values.Of(tensor), outputs[i].Value, Tolerance.Nodes)
            )
            .FirstOrDefault(text => text is not null);
    }

    private static List<TensorProto> Numbered(string folder, string prefix)
    {
        List<TensorProto> tensors = [];
        while (Path.Combine(folder, $"{prefix}_{tensors.Count}.pb") is { } path && File.Exists(path))
        {
            tensors.Add(Values.Read(path));
        }

        return tensors;
    }
}
