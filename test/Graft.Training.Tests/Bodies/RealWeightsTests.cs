using System.Text.Json;
using Graft.Conformance;
using Graft.Imaging;
using Graft.Onnx;
using Graft.Training.Bodies;
using NetVips;

namespace Graft.Training.Tests.Bodies;

public class RealWeightsTests
{
    /// <summary>
    /// Tolerance against references in double precision from the same float16 weights. It allows for float32 and
    /// another order of sums.
    /// </summary>
    private const double Tolerance = 2e-3;

    /// <summary>
    /// Allowed effect of rounding weights to float16, as a root mean square relative to the spread of the logits. Each
    /// weight moves by up to 2^-12 of its value (0.01 % as a root mean square), and 50 layers add up. A batch-norm
    /// divides a centred sum by its deviation, and the noise of the sum stays. Measured: 0.3 to 0.7 %.
    /// </summary>
    private const double RoundingShare = 0.01;

    private const int Side = 224;

    [Fact]
    public void The_embedded_body_computes_the_reference_features_logits_and_classes()
    {
        using JsonDocument golden = Golden("efficientnet_lite0");
        Body body = NamedBodies.Load(NamedBodies.DefaultName);
        string features = body.Model.Graph.Node.Single(n => n.Name == "classifier").Input[0];

        float[][] values = OnnxRun.Run(
            body.Model,
            Crops(golden, body.Card.Preprocessing),
            [13, 3, Side, Side],
            features,
            "classifier"
        );

        Digest.Read(golden.RootElement.GetProperty("features")).AssertMatches(values[0], Tolerance, "features");
        AssertClassified(golden, values[1]);
    }

    [Fact]
    public void VGG16s_body_without_a_classifier_computes_the_reference_features()
    {
        using JsonDocument golden = Golden("vgg16");
        Body body = NamedBodies.Load("VGG16", SharedData.Find("weights/vgg16_body.fp16.safetensors"));

        float[] map = OnnxRun.Run(
            body.Model,
            Crops(golden, body.Card.Preprocessing),
            [13, 3, Side, Side],
            body.FeatureEdge
        )[0];

        Assert.False(body.HasClassifier);
        Assert.Equal(body.FeatureEdge, body.Model.Graph.Output.Single().Name);
        Digest.Read(golden.RootElement.GetProperty("block5_pool")).AssertMatches(map, Tolerance, "block 5");
        Digest
            .Read(golden.RootElement.GetProperty("global_average"))
            .AssertMatches([.. map.Chunk(49).Select(c => c.Average())], Tolerance, "average");
    }

    [Fact]
    public void SqueezeNet_computes_the_reference_logits_and_classes()
    {
        using JsonDocument golden = Golden("squeezenet1_1");
        Body body = NamedBodies.Load("squeezenet1.1", SharedData.Find("weights/squeezenet1_1.fp16.safetensors"));

        float[] logits = OnnxRun.Run(
            body.Model,
            Crops(golden, body.Card.Preprocessing),
            [13, 3, Side, Side],
            body.Model.Graph.Output[0].Name
        )[0];

        AssertClassified(golden, logits);
    }

    [Fact]
    public void The_PyTorch_file_of_EfficientNet_Lite0_rounds_to_the_embedded_weights()
    {
        Body embedded = NamedBodies.Load(NamedBodies.DefaultName);
        Body original = NamedBodies.Load(
            "efficientnet_lite0",
            SharedData.Find("weights/raw/efficientnet-lite0-57934424.pth")
        );

        Assert.Equal("Apache-2.0", original.Card.Licence);
        Assert.All(original.Model.Graph.Initializer.Zip(embedded.Model.Graph.Initializer), pair =>
        {
            Assert.Equal(pair.Second.Name, pair.First.Name);
            Assert.Equal(
                TensorValues.ToSingles(pair.Second),
                TensorValues.ToSingles(pair.First).Select(x => (float)(Half)x)
            );
        });
    }

    [Fact]
    public void The_PyTorch_file_of_EfficientNet_Lite0_computes_the_reference_logits_and_classes()
    {
        using JsonDocument golden = Golden("efficientnet_lite0");
        Body body = NamedBodies.Load(
            "efficientnet_lite0",
            SharedData.Find("weights/raw/efficientnet-lite0-57934424.pth")
        );
        float[] crops = Crops(golden, body.Card.Preprocessing);

        float[] asTheyAre = OnnxRun.Run(body.Model, crops, [13, 3, Side, Side], "classifier")[0];
        RoundToHalf(body.Model);
        float[] rounded = OnnxRun.Run(body.Model, crops, [13, 3, Side, Side], "classifier")[0];

        AssertClassified(golden, rounded); // the reference was computed from the weights rounded to float16
        Assert.Equal(Best(golden), asTheyAre.Chunk(1000).Select(row => Array.IndexOf(row, row.Max())));
        foreach ((float[] plain, float[] reference) in asTheyAre.Chunk(1000).Zip(rounded.Chunk(1000)))
        {
            Assert.InRange(
                Deviation(plain, reference),
                0,
                RoundingShare * Deviation(reference, [.. reference.Select(_ => reference.Average())])
            );
        }
    }

    [Fact]
    public void The_Keras_file_of_MobileNetV1_computes_the_reference_probabilities_and_classes()
    {
        using JsonDocument golden = Golden("mobilenet_v1_025");
        Body body = NamedBodies.Load("mobilenet_v1_0.25", SharedData.Find("weights/raw/mobilenet_v1_0.25_224.h5"));

        float[] logits = OnnxRun.Run(
            body.Model,
            Crops(golden, body.Card.Preprocessing),
            [13, 3, Side, Side],
            "classifier"
        )[0];
        float[] probabilities = [.. logits.Chunk(1000).SelectMany(Softmax)];

        Digest.Read(golden.RootElement.GetProperty("values")).AssertMatches(probabilities, Tolerance, "probabilities");
        Assert.Equal(Best(golden), probabilities.Chunk(1000).Select(row => Array.IndexOf(row, row.Max())));
    }

    private static float[] Softmax(float[] logits)
    {
        double highest = logits.Max();
        double[] powers = Array.ConvertAll(logits, x => Math.Exp(x - highest));
        double sum = powers.Sum();
        return Array.ConvertAll(powers, p => (float)(p / sum));
    }

    private static void RoundToHalf(OnnxModel model)
    {
        foreach (TensorProto weight in model.Graph.Initializer)
        {
            WeightValues.Assign(weight, Array.ConvertAll(TensorValues.ToSingles(weight), x => (float)(Half)x));
        }
    }

    private static double Deviation(float[] a, float[] b) =>
        Math.Sqrt(a.Zip(b, (x, y) => ((double)x - y) * ((double)x - y)).Average());

    private static JsonDocument Golden(string name) =>
        JsonDocument.Parse(File.ReadAllBytes(SharedData.Find($"golden/real_{name}.json")));

    private static void AssertClassified(JsonDocument golden, float[] logits)
    {
        Digest.Read(golden.RootElement.GetProperty("logits")).AssertMatches(logits, Tolerance, "logits");
        Assert.Equal(Best(golden), logits.Chunk(1000).Select(row => Array.IndexOf(row, row.Max())));
    }

    private static int[] Best(JsonDocument golden) =>
        [.. golden.RootElement.GetProperty("top5").EnumerateArray().Select(top => top[0].GetInt32())];

    // The crops already have the network's size, so only mean, deviation and channel order are applied.
    private static float[] Crops(JsonDocument golden, Preprocessing preprocessing)
    {
        PerChannel mean = preprocessing.Mean;
        PerChannel deviation = preprocessing.Deviation;
        (int From, float Mean, float Deviation)[] planes =
        [
            (0, mean.Red, deviation.Red),
            (1, mean.Green, deviation.Green),
            (2, mean.Blue, deviation.Blue),
        ];
        if (preprocessing.Order == ChannelOrder.Bgr)
        {
            Array.Reverse(planes);
        }

        return
        [
            .. golden
                .RootElement.GetProperty("images")
                .EnumerateArray()
                .SelectMany(image =>
                {
                    using Image crop = Image.NewFromFile(
                        SharedData.Find($"golden/{image.GetProperty("crop").GetString()}")
                    );
                    byte[] pixels = crop.WriteToMemory<byte>();
                    Assert.Equal(3 * Side * Side, pixels.Length);
                    return planes.SelectMany(p =>
                        Enumerable.Range(0, Side * Side).Select(i => (pixels[(3 * i) + p.From] - p.Mean) / p.Deviation)
                    );
                }),
        ];
    }
}
