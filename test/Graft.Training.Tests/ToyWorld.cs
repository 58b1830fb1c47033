using Graft.Infrastructure;
using Graft.Onnx;
using NetVips;

namespace Graft.Training.Tests;

/// <summary>
/// A toy body of two convolutions and pictures of three textures that it can tell apart: a whole training in a second.
/// </summary>
internal sealed class ToyWorld : IDisposable
{
    private const int Side = 40;
    private readonly TemporaryFolder _folder = new();

    /// <param name="colours">Tints each picture; otherwise they are grey but for their noise.</param>
    /// <param name="body">Null: <see cref="Body"/>.</param>
    public ToyWorld(int imagesPerClass = 20, int seed = 1, bool colours = false, OnnxModel? body = null)
    {
        string[] classes = ["checks", "rings", "stripes"];
        for (int c = 0; c < classes.Length; c++)
        {
            for (int i = 0; i < imagesPerClass; i++)
            {
                _folder.Write(
                    $"images/{classes[c]}/{i:00}.png",
                    Picture([c], new CountedRandom((ulong)seed, RandomPurpose.View, (uint)c, (ulong)i), colours)
                );
            }
        }

        (body ?? Body()).Save(BodyPath);
    }

    public string Images => Path.Combine(_folder.Root, "images");

    public string BodyPath => Path.Combine(_folder.Root, "toy.onnx");

    /// <summary>The part of the toy body that its <see cref="Options"/> train.</summary>
    public static TrainedPart TrainedPart { get; } = TrainedPart.LastShare(0.6);

    /// <summary>A body that is trained from its second convolution on, for a few epochs.</summary>
    public TrainingOptions Options =>
        new()
        {
            Body = BodySource.OnnxFile(BodyPath) with { InputTransform = "imagenet" },
            Views = 1,
            FineTune = new()
            {
                Train = TrainedPart,
                Epochs = 3,
                BodyRate = 0.01,
                Batch = 8,
            },
        };

    public string Run(string name) => Path.Combine(_folder.Root, name);

    public string Write(string relative, byte[] bytes) => _folder.Write(relative, bytes);

    public void Dispose() => _folder.Dispose();

    /// <summary>x → conv 8 → relu → conv 16 → relu → pool → 10 classes.</summary>
    public static OnnxModel Body()
    {
        OnnxModel model = OnnxModel.Create("toy");
        model.Graph.Input.Add(EdgeDeclaration.Create("x", [3, 32, 32]));
        Convolution(model, "x", "a", 8, 3);
        Convolution(model, "a", "b", 16, 8);
        return Classified(model, "b", 16);
    }

    /// <summary>Four convolutions, a to d: 36 % of the work lies behind b, 12 % behind c.</summary>
    public static OnnxModel DeepBody()
    {
        OnnxModel model = OnnxModel.Create("toy");
        model.Graph.Input.Add(EdgeDeclaration.Create("x", [3, 32, 32]));
        Convolution(model, "x", "a", 12, 3);
        Convolution(model, "a", "b", 16, 12);
        Convolution(model, "b", "c", 32, 16);
        Convolution(model, "c", "d", 32, 32);
        return Classified(model, "d", 32);
    }

    /// <summary>x → conv 16 → relu → depthwise conv → relu → depthwise conv → relu → pool → 10 classes.</summary>
    public static OnnxModel DepthwiseBody()
    {
        OnnxModel model = OnnxModel.Create("toy");
        model.Graph.Input.Add(EdgeDeclaration.Create("x", [3, 32, 32]));
        Convolution(model, "x", "a", 16, 3);
        Convolution(model, "a", "b", 16, 16, groups: 16);
        Convolution(model, "b", "c", 16, 16, groups: 16);
        return Classified(model, "c", 16);
    }

    private static OnnxModel Classified(OnnxModel model, string map, int channels)
    {
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "GlobalAveragePool",
                Input = { map },
                Output = { "pooled" },
            }
        );
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Flatten",
                Input = { "pooled" },
                Output = { "flat" },
            }
        );
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Gemm",
                Input = { "flat", Weight(model, "fc.weight", 10, channels) },
                Output = { "logits" },
            }.WithAttribute("transB", 1)
        );
        model.Graph.Output.Add(EdgeDeclaration.Create("logits", [10]));
        return model;
    }

    private static void Convolution(OnnxModel model, string input, string name, int outputs, int inputs, int groups = 1)
    {
        string weight = Weight(model, name + ".weight", outputs, inputs / groups, 3, 3);
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Conv",
                Input = { input, weight },
                Output = { name + ".conv" },
            }
                .WithAttribute("strides", 2, 2)
                .WithAttribute("pads", 1, 1, 1, 1)
                .WithAttribute("group", groups)
        );
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Relu",
                Input = { name + ".conv" },
                Output = { name },
            }
        );
    }

    private static string Weight(OnnxModel model, string name, params long[] shape)
    {
        CountedRandom random = new(7, RandomPurpose.HeadValues, (uint)model.Graph.Initializer.Count);
        int fanIn = (int)shape.Skip(1).Aggregate(1L, (product, d) => product * d);
        float[] values =
        [
            .. Enumerable
                .Range(0, (int)shape[0] * fanIn)
                .Select(i => (float)(random.Normal((uint)i) * Math.Sqrt(2.0 / fanIn))),
        ];
        model.Graph.Initializer.Add(TensorValues.FromSingles(name, shape, values));
        return name;
    }

    /// <summary>A picture of some of the three textures, one over the other, or of none.</summary>
    public static byte[] Picture(IReadOnlyList<int> textures, CountedRandom random, bool colours)
    {
        double period = 5 + (3 * random.Uniform(0));
        double phase = 10 * random.Uniform(1);
        byte[] pixels = new byte[Side * Side * 3];
        for (int i = 0; i < Side * Side; i++)
        {
            (double x, double y) = ((i % Side) + phase, (i / Side) + phase);
            double value = textures.Sum(texture =>
                texture switch
                {
                    0 => Math.Sign(Math.Sin(2 * Math.PI * x / period) * Math.Sin(2 * Math.PI * y / period)),
                    1 => Math.Sin(2 * Math.PI * Math.Sqrt(((x - 25) * (x - 25)) + ((y - 25) * (y - 25))) / period),
                    _ => Math.Sin(2 * Math.PI * x / period),
                }
            );
            for (int c = 0; c < 3; c++)
            {
                pixels[(3 * i) + c] = (byte)
                    Math.Clamp(
                        128
                            + (colours ? 40 * (c - 1) : 0)
                            + (60 * value)
                            + (90 * (random.Uniform((uint)((3 * i) + c + 2)) - 0.5)),
                        0,
                        255
                    );
            }
        }

        using Image image = Image.NewFromMemory(pixels, Side, Side, 3, Enums.BandFormat.Uchar);
        return image.WriteToBuffer(".png");
    }
}
