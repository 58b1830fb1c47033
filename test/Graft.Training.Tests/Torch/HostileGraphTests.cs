using Graft.Conformance;
using Graft.Onnx;
using Graft.Torch;
using Graft.Torch.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Tests.Torch;

/// <summary>
/// Damages the ONNX project's operator tests. Whatever a graph demands, the result is an output or an
/// <see cref="OnnxException"/>.
/// </summary>
[Collection("torch")]
public sealed class HostileGraphTests
{
    private const int MutationsEach = 25;

    private static readonly long[] s_numbers =
    [
        -1,
        0,
        1,
        2,
        3,
        7,
        1 << 20,
        int.MaxValue,
        1L << 40,
        long.MaxValue,
        long.MinValue,
    ];

    // A small limit keeps mutations that demand memory quick.
    private static readonly TorchGraphOptions s_options = new() { TensorElements = 1 << 22 };

    [Fact]
    public void A_damaged_graph_returns_an_output_or_an_error_that_names_the_node()
    {
        string[] folders = [.. Directory.EnumerateDirectories(SharedData.Find("golden/onnx_nodes")).Order()];
        int refused = 0;

        for (int folder = 0; folder < folders.Length; folder++)
        {
            for (int mutation = 0; mutation < MutationsEach; mutation++)
            {
                Random random = new((folder * 1000) + mutation);
                refused += IsRefused(folders[folder], random) ? 1 : 0;
            }
        }

        Assert.InRange(refused, folders.Length, folders.Length * MutationsEach);
    }

    private static bool IsRefused(string folder, Random random)
    {
        using DisposeScope scope = NewDisposeScope();
        OnnxModel model = OnnxModel.Load(Path.Combine(folder, "model.onnx"));
        NodeProto node = model.Graph.Node[0];
        List<TensorProto> inputs =
        [
            .. Enumerable
                .Range(0, 8)
                .Select(i => Path.Combine(folder, $"input_{i}.pb"))
                .Where(File.Exists)
                .Select(Values.Read),
        ];
        for (int i = random.Next(1, 3); i > 0; i--)
        {
            Damage(model, node, inputs, random);
        }

        try
        {
            using TorchGraph graph = new(model, s_options);
            List<ValueInfoProto> places = [.. new OnnxGraph(model).Inputs];
            graph.Run(
                inputs
                    .Select((tensor, i) => (tensor, i))
                    .ToDictionary(x => places[x.i].Name, x => ElementTypes.Load(x.tensor, "input"))
            );
            return false;
        }
        catch (OnnxException refusal)
        {
            Assert.DoesNotContain('\n', refusal.Message);
            return true;
        }
        catch (Exception error) when (error is not Xunit.Sdk.XunitException)
        {
            throw new InvalidOperationException($"{Path.GetFileName(folder)}: {node}", error);
        }
    }

    private static void Damage(OnnxModel model, NodeProto node, List<TensorProto> inputs, Random random)
    {
        long number = s_numbers[random.Next(s_numbers.Length)];
        AttributeProto? attribute = node.Attribute.Count > 0 ? node.Attribute[random.Next(node.Attribute.Count)] : null;
        int input = inputs.Count > 0 ? random.Next(inputs.Count) : -1;
        switch (random.Next(7))
        {
            case 0 when attribute is not null:
                node.Attribute.Remove(attribute);
                break;
            case 1 when attribute is { Ints.Count: > 0 }:
                attribute.Ints[random.Next(attribute.Ints.Count)] = number;
                break;
            case 2 when attribute is { Ints.Count: > 0 }:
                attribute.Ints.Add(number);
                break;
            case 1 or 2 when attribute is not null:
                attribute.I = number;
                attribute.F = number;
                break;
            case 3 when input >= 0:
                node.Input[Math.Min(input, node.Input.Count - 1)] = "";
                break;
            case 4 when input >= 0:
                inputs[input] = TensorValues.FromSingles("", Enumerable.Repeat(1L, random.Next(6)), [number]);
                break;
            case 5 when input >= 0:
                inputs[input] = TensorValues.FromInt64s("", [2], [number, random.Next(-3, 9)]);
                break;
            case 6 when input >= 0:
                inputs[input] = inputs[random.Next(inputs.Count)];
                break;
            default:
                model.Proto.OpsetImport[0].Version = random.Next(1, 26);
                break;
        }
    }
}
