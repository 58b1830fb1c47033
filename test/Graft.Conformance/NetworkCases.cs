using System.Text.Json;
using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Training.Bodies;
using NetVips;

namespace Graft.Conformance;

/// <summary>Cases for Graft's named bodies.</summary>
internal static class NetworkCases
{
    private const double FilledTolerance = 1e-3;

    /// <summary>
    /// Tolerance for real weights, which are rounded to float16. The reference was computed from them in double
    /// precision.
    /// </summary>
    private const double RealTolerance = 2e-3;

    /// <summary>
    /// A case of architectures/NAME.json: names, shapes and number of the parameters, and the head's input and logits
    /// with weights of <see cref="FillingRule"/>.
    /// </summary>
    public static ConformanceCase Architecture(string name, string json) => new(name, engine => Supported(() =>
            {
                using JsonDocument document = JsonDocument.Parse(File.ReadAllText(json));
                JsonElement expected = document.RootElement;
                int side = expected.GetProperty("input_size").GetInt32();
                BuiltNetwork built = Known(expected.GetProperty("architecture").GetString() ?? "")
                    .Architecture.Build(side);
                if (ParameterDifference(built, expected) is { } difference)
                {
                    return Verdict.Failed(difference);
                }

                foreach (TensorProto weight in built.Parameters)
                {
                    weight.MergeFrom(
                        TensorValues.FromSingles(weight.Name, [], FillingRule.Weight(weight.Name, weight.Dims))
                    );
                }

                string head = expected.GetProperty("head").GetString() ?? "";
                NodeProto? node = built.Model.Graph.Node.FirstOrDefault(n => n.Name == head);
                if (node is null)
                {
                    return Verdict.Failed($"no node has the head's name, '{Printable.Text(head)}'");
                }

                long[] shape = [2, 3, side, side];
                Values[] values = RunWith(
                    engine,
                    built.Model,
                    [node.Input[0], built.FeatureEdge],
                    GraphRunner.Input(shape, FillingRule.Input(shape))
                );
                return Judge(
                    DigestDifference(expected.GetProperty("head_input"), "head input", values[1], FilledTolerance)
                        ?? DigestDifference(expected.GetProperty("logits"), "logits", values[0], FilledTolerance)
                        ?? TokenDifference(expected, values[2])
                );
            }));

    /// <summary>A case of real_NAME.json: features and outputs of thirteen images with real weights.</summary>
    public static ConformanceCase Real(string name, string json) => new(name, engine => Supported(() =>
            {
                using JsonDocument document = JsonDocument.Parse(File.ReadAllText(json));
                JsonElement expected = document.RootElement;
                string folder = Path.GetDirectoryName(json)!;
                string weights = Path.Combine(folder, "..", expected.GetProperty("weights").GetString() ?? "");
                BodyEntry entry = Known(Path.GetFileNameWithoutExtension(json)["real_".Length..]);
                string[] crops =
                [
                    .. expected
                        .GetProperty("images")
                        .EnumerateArray()
                        .Select(image => Path.Combine(folder, image.GetProperty("crop").GetString() ?? "")),
                ];
                // ConvNets take the crops as they are, whatever the size of their pretraining.
                Body body = BodyLoader.FromFile(entry, weights, preprocessing: null, SideOf(crops[0]));
                TensorProto input = Crops(crops, body.Card.Preprocessing);
                Values[] values = RunWith(engine, body.Model, [body.FeatureEdge], input);
                (Values output, Values map) = (values[0], values[1]);
                return Judge(
                    expected
                        .EnumerateObject()
                        .Where(part => IsDigest(part.Value))
                        .Select(part =>
                            DigestDifference(
                                part.Value,
                                part.Name,
                                part.Name switch
                                {
                                    "logits" => output,
                                    "values" => Softmax(output),
                                    _ => map,
                                },
                                RealTolerance
                            )
                        )
                        .Append(
                            expected.TryGetProperty("top5", out JsonElement top) ? TopDifference(top, output) : null
                        )
                        .FirstOrDefault(text => text is not null)
                );
            }));

    // A network that the catalogue names has to work: only an unknown name is refused.
    private static Verdict Supported(Func<Verdict> run)
    {
        try
        {
            return run();
        }
        catch (OnnxException refused)
        {
            return Verdict.Failed($"the catalogue names the network, and it is refused: {refused.Message}");
        }
    }

    // The features of a transformer are the class token, then the mean of the patch tokens.
    private static string? TokenDifference(JsonElement expected, Values features)
    {
        if (!expected.TryGetProperty("tokens", out JsonElement tokens))
        {
            return null;
        }

        int width = (int)features.Shape[1];
        Values patches = new(
            [features.Shape[0], width / 2],
            [.. features.Flat.Chunk(width).SelectMany(row => row[(width / 2)..])]
        );
        return DigestDifference(tokens, "mean of the patch tokens", patches, FilledTolerance);
    }

    private static bool IsDigest(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty("first", out _);

    private static Verdict Judge(string? difference) =>
        difference is null ? Verdict.Passed : Verdict.Failed(difference);

    private static BodyEntry Known(string name)
    {
        try
        {
            return NamedBodies.Find(name);
        }
        catch (GraftException unknown)
        {
            throw new RefusedException(unknown.Message);
        }
    }

    private static string? ParameterDifference(BuiltNetwork built, JsonElement expected)
    {
        HashSet<string> right =
        [
            .. expected
                .GetProperty("tensors")
                .EnumerateArray()
                .Select(t =>
                    $"{t[0].GetString()} [{string.Join(',', t[1].EnumerateArray().Select(d => d.GetInt64()))}]"
                ),
        ];
        HashSet<string> found = [.. built.Parameters.Select(p => $"{p.Name} [{string.Join(',', p.Dims)}]")];
        long count = expected.GetProperty("parameters").GetInt64();
        return right.Except(found).FirstOrDefault() is { } missing
                ? $"the parameter {Printable.Text(missing)} is missing"
            : found.Except(right).FirstOrDefault() is { } extra ? $"the parameter {extra} should not exist"
            : built.ParameterCount != count ? $"{built.ParameterCount:N0} parameters instead of {count:N0}"
            : null;
    }

    // The network's output, then the edges.
    private static Values[] RunWith(Engine engine, OnnxModel model, string[] edges, TensorProto input)
    {
        OnnxModel copy = model.Clone();
        foreach (string edge in edges.Where(edge => copy.Graph.Output.All(output => output.Name != edge)))
        {
            copy.Graph.Output.Add(new ValueInfoProto { Name = edge, Type = copy.Graph.Output[0].Type.Clone() });
            copy.Graph.Output[^1].Type.TensorType.Shape = null;
        }

        IReadOnlyList<(string Name, Values Value)> outputs = GraphRunner.Run(engine, copy, [input]);
        return [outputs[0].Value, .. edges.Select(edge => outputs.First(output => output.Name == edge).Value)];
    }

    private static int SideOf(string crop)
    {
        using Image image = Image.NewFromFile(crop);
        return image.Width;
    }

    // A digest with one value per channel summarises the mean over height and width.
    private static string? DigestDifference(JsonElement json, string what, Values actual, double tolerance)
    {
        Digest digest = Digest.Read(json);
        bool isPooled = actual.Shape.Count == 4 && digest.Shape[1] == actual.Shape[1];
        return digest.Difference(what, isPooled ? Pooled(actual) : actual, tolerance);
    }

    private static Values Pooled(Values map) =>
        new(
            [map.Shape[0], map.Shape[1]],
            [.. map.Flat.Chunk((int)(map.Shape[2] * map.Shape[3])).Select(plane => plane.Average())]
        );

    private static Values Softmax(Values logits)
    {
        int width = logits.Flat.Length / (int)logits.Shape[0];
        return logits with
        {
            Flat =
            [
                .. logits
                    .Flat.Chunk(width)
                    .SelectMany(row =>
                    {
                        double largest = row.Max(),
                            sum = row.Sum(x => Math.Exp(x - largest));
                        return row.Select(x => Math.Exp(x - largest) / sum);
                    }),
            ],
        };
    }

    private static string? TopDifference(JsonElement top, Values output)
    {
        double[][] rows = [.. output.Flat.Chunk(output.Flat.Length / (int)output.Shape[0])];
        int[] right = [.. top.EnumerateArray().Select(best => best[0].GetInt32())];
        int[] found = [.. rows.Select(row => Array.IndexOf(row, row.Max()))];
        int wrong = Enumerable
            .Range(0, right.Length)
            .FirstOrDefault(i => i >= found.Length || right[i] != found[i], -1);
        return wrong < 0
            ? null
            : $"image {wrong}: the most probable class is {(wrong < found.Length ? found[wrong] : -1)} "
                + $"and should be {right[wrong]}";
    }

    // The crops already have the network's size, so only mean, deviation and channel order are applied.
    private static TensorProto Crops(string[] paths, Preprocessing preprocessing)
    {
        PerChannel mean = preprocessing.Mean;
        PerChannel deviation = preprocessing.Deviation;
        (int Channel, float Mean, float Deviation)[] planes =
        [
            (0, mean.Red, deviation.Red),
            (1, mean.Green, deviation.Green),
            (2, mean.Blue, deviation.Blue),
        ];
        if (preprocessing.Order == ChannelOrder.Bgr)
        {
            Array.Reverse(planes);
        }

        List<float> values = [];
        foreach (string path in paths)
        {
            using Image crop = Image.NewFromFile(path);
            byte[] pixels = crop.WriteToMemory<byte>();
            if (crop.Bands != 3 || crop.Width != preprocessing.Width || crop.Height != preprocessing.Height)
            {
                throw new RefusedException(
                    $"'{Printable.Text(path)}' is not an RGB image of {preprocessing.Width} x {preprocessing.Height}"
                );
            }

            values.AddRange(
                planes.SelectMany(plane =>
                    Enumerable
                        .Range(0, pixels.Length / 3)
                        .Select(i => (pixels[(3 * i) + plane.Channel] - plane.Mean) / plane.Deviation)
                )
            );
        }

        return GraphRunner.Input([paths.Length, 3, preprocessing.Height, preprocessing.Width], [.. values]);
    }
}
