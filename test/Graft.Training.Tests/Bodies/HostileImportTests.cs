using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Tests.Weights;

namespace Graft.Training.Tests.Bodies;

/// <summary>Tests that damaged and malicious ONNX files give a body or an error of one line.</summary>
public sealed class HostileImportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void No_damaged_graph_crashes_the_import()
    {
        OnnxModel fixedBatch = ToyWorld.Body();
        fixedBatch.Graph.Input[0].Type.TensorType.Shape.Dim[0].DimValue = 1;
        fixedBatch.Graph.Initializer.Add(TensorValues.FromInt64s("target", [2], [1, 16]));
        NodeProto flatten = fixedBatch.Graph.Node.Single(n => n.OpType == "Flatten");
        (flatten.OpType, flatten.Input[0]) = ("Reshape", "pooled");
        flatten.Input.Add("target");
        fixedBatch.Graph.Node.Insert(
            0,
            new NodeProto
            {
                OpType = "Identity",
                Input = { "x" },
                Output = { "same" },
            }
        );
        byte[] sound = fixedBatch.ToBytes();
        int bodies = 0;
        for (int i = 0; i < Cases; i++)
        {
            string path = _folder.Write("damaged.onnx", Damage(sound, i));
            try
            {
                ForeignBody.Read(path, features: null, InputTransform.Parse("half"));
                bodies++;
            }
            catch (GraftException refusal)
            {
                Assert.DoesNotContain('\n', refusal.Message);
            }
            catch (Exception error)
            {
                Assert.Fail($"case {i}: {error}");
            }
        }

        Assert.InRange(bodies, 1, Cases - 1);
    }

    [Theory]
    [InlineData("Identity", 0)]
    [InlineData("Identity", 1)]
    [InlineData("Dropout", 2)]
    [InlineData("Constant", 0)]
    [InlineData("Constant", 2)]
    [InlineData("Reshape", 1)]
    [InlineData("Concat", 1)]
    [InlineData("Conv", 0)]
    [InlineData("Conv", 1)]
    [InlineData("BatchNormalization", 1)]
    public void A_node_that_lacks_inputs_or_outputs_is_refused(string operation, int odd)
    {
        OnnxModel model = ToyWorld.Body();
        model.Graph.Node.Insert(
            0,
            odd switch
            {
                0 => new NodeProto { OpType = operation },
                1 => new NodeProto { OpType = operation, Output = { "odd" } },
                _ => new NodeProto
                {
                    OpType = operation,
                    Input = { "x", "x" },
                    Output = { "" },
                },
            }
        );
        string path = _folder.Write("odd.onnx", model.ToBytes());

        Assert.ThrowsAny<GraftException>(() => ForeignBody.Read(path, features: null, InputTransform.Parse("half")));
    }

    private static int Cases => Math.Min(Mutations.Count, 3000);

    // Changes one to three bytes outside of the kernels' values, which take most of the file.
    private static byte[] Damage(byte[] sound, int index)
    {
        CountedRandom random = new(3, RandomPurpose.View, (uint)index);
        byte[] damaged = [.. sound];
        int count = 1 + random.Below(3, 0);
        for (int i = 0; i < count; i++)
        {
            // Nodes are at the beginning of the file, inputs and outputs at the end.
            bool isStart = random.Below(2, (uint)((3 * i) + 1)) == 0;
            int at = isStart
                ? random.Below(Math.Min(700, damaged.Length), (uint)((3 * i) + 2))
                : damaged.Length - 1 - random.Below(Math.Min(300, damaged.Length), (uint)((3 * i) + 2));
            damaged[at] = (byte)random.Below(256, (uint)((3 * i) + 3));
        }

        return damaged;
    }
}
