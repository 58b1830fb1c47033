using Graft.Explanation;
using Graft.Imaging;
using Graft.Onnx;
using Graft.Prediction;
using NetVips;

namespace Graft.Tests.Explanation;

public sealed class ExplainerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("blue", 0, 31)]
    [InlineData("red", 31, 0)]
    public void The_place_of_a_colour_speaks_for_it(string label, int hot, int cold)
    {
        using Explainer explainer = Load(TinyClassifier.Network());

        ImageExplanation explanation = explainer.Explain(HalfBlueHalfRed(), label: label);

        Assert.Equal(label, explanation.Label);
        Assert.Equal((32, 24), (explanation.Heat.Width, explanation.Heat.Height));
        Assert.Equal(1, explanation.Heat[hot, 12], 0.01);
        Assert.Equal(0, explanation.Heat[cold, 12]);
    }

    [Theory]
    [InlineData("blue", 0, 31)]
    [InlineData("red", 31, 0)]
    public void Each_of_several_labels_has_its_own_places(string label, int hot, int cold)
    {
        OnnxModel model = TinyClassifier.Network();
        model.Graph.Initializer.Add(TensorValues.FromSingles("scale", [3], [2, 1, 0.5f]));
        model.Graph.Initializer.Add(TensorValues.FromSingles("shift", [3], [-1, 0, 1]));
        Replace(
            model,
            "probabilities",
            Node("Mul", "scaled.logits", "logits", "scale"),
            Node("Add", "shifted.logits", "scaled.logits", "shift"),
            Node("Sigmoid", "probabilities", "shifted.logits")
        );
        using Explainer explainer = Load(model, ClassificationTask.MultiLabel);

        ImageExplanation explanation = explainer.Explain(HalfBlueHalfRed(), label: label);

        Assert.Equal(label, explanation.Label);
        Assert.Equal(1, explanation.Heat[hot, 12], 0.01);
        Assert.Equal(0, explanation.Heat[cold, 12]);
    }

    [Fact]
    public void Without_a_class_the_most_probable_one_is_explained()
    {
        using Explainer explainer = Load(TinyClassifier.Network());

        Assert.Equal("green", explainer.Explain(TinyClassifier.Png(20, 200, 30)).Label);
    }

    [Fact]
    public void The_contributions_of_a_linear_head_are_the_class_activation_map()
    {
        using Explainer explainer = Load(TinyClassifier.Network());
        byte[] pixels = Noise();

        (double[] contributions, double score) = explainer.Contributions(pixels, label: 2);

        // the weight of blue is 4 for the blue plane and 0 for the others
        const int Area = 32 * 24;
        IEnumerable<double> map = pixels[^Area..].Select(blue => 4 * (blue - 127.5) / 127.5 / Area);
        Assert.All(map.Zip(contributions), pair => Assert.Equal(pair.First, pair.Second, 1e-8));
        Assert.Equal(score, contributions.Sum(), 1e-6);
    }

    [Theory]
    [InlineData("GlobalMaxPool")]
    [InlineData("GlobalAveragePool")]
    public void The_contributions_of_two_poolings_sum_to_the_score(string second)
    {
        OnnxModel model = TinyClassifier.Network();
        model.Graph.Initializer.Remove(model.Graph.Initializer.Single(one => one.Name == "weight"));
        float[] weight = [4, 0, 0, 1, -1, 2, 0, 4, 0, 2, 1, 0.5f, 0, 0, 4, -2, 1, 3];
        model.Graph.Initializer.Add(TensorValues.FromSingles("weight", [3, 6], weight));
        Replace(
            model,
            "features",
            Node(second, "others", "scaled"),
            Node("Concat", "both", "pooled", "others").WithAttribute("axis", 1L),
            Node("Flatten", "features", "both")
        );
        using Explainer explainer = Load(model);

        (double[] contributions, double score) = explainer.Contributions(Noise(), label: 1);

        Assert.Equal(score, contributions.Sum(), 1e-6);
    }

    [Fact]
    public void The_gradients_through_hidden_layers_are_those_of_finite_differences()
    {
        OnnxModel model = HiddenLayers();
        ClassifierHead head = ClassifierHead.Find(model, "tiny");
        Random random = new(3);
        float[] values = [.. Enumerable.Range(0, 3 * 4).Select(_ => (float)((2 * random.NextDouble()) - 1))];
        FeatureMap map = new(3, 2, 2, values);

        double[] gradient = head.Gradients([map], label: 1, out double score)[0];

        const double Step = 1e-3;
        for (int channel = 0; channel < 3; channel++)
        {
            float[] moved = [.. values.Select((value, i) => i / 4 == channel ? value + (float)Step : value)];
            head.Gradients([map with { Values = moved }], label: 1, out double other);
            Assert.Equal((other - score) / Step, gradient[channel], 1e-3);
        }
    }

    [Fact]
    public void A_hidden_layer_is_explained_in_the_terms_of_the_file()
    {
        using Explainer explainer = Load(HiddenLayers());
        using Predictor predictor = Predictor.Load(Path.Combine(_folder.Root, "m.onnx"));
        byte[] file = HalfBlueHalfRed();
        byte[] pixels = new Preprocessor(TinyClassifier.Preprocessing).Render(file);

        double[] scores = [.. Enumerable.Range(0, 3).Select(label => explainer.Contributions(pixels, label).Score)];

        double sum = scores.Sum(Math.Exp);
        Assert.All(predictor.Predict(file).Scores, one =>
            Assert.Equal(
                one.Probability,
                Math.Exp(scores[TinyClassifier.Labels.ToList().IndexOf(one.Label)]) / sum,
                1e-4
            )
        );
    }

    [Fact]
    public void A_flattened_map_is_explained_place_by_place()
    {
        OnnxModel model = TinyClassifier.Network();
        const int Area = 32 * 24;
        model.Graph.Initializer.Remove(model.Graph.Initializer.Single(one => one.Name == "weight"));
        Random random = new(1);
        float[] weight = [.. Enumerable.Range(0, 3 * 3 * Area).Select(_ => (float)random.NextDouble() / Area)];
        model.Graph.Initializer.Add(TensorValues.FromSingles("weight", [3, 3 * Area], weight));
        model.Graph.Node.Remove(model.Graph.Node.Single(node => node.OpType == "GlobalAveragePool"));
        Replace(model, "features", Node("Flatten", "features", "scaled"));
        model.Graph.Output.Remove(model.Graph.Output.Single(output => output.Name == "features"));
        using Explainer explainer = Load(model);

        (double[] contributions, double score) = explainer.Contributions(Noise(), label: 0);

        Assert.Equal(score, contributions.Sum(), 1e-5);
    }

    [Fact]
    public void A_network_without_a_feature_map_is_refused_by_name()
    {
        OnnxModel model = TinyClassifier.Network();
        NodeProto pool = model.Graph.Node.Single(node => node.OpType == "GlobalAveragePool");
        pool.OpType = "ReduceMean";
        model.Graph.Initializer.Add(TensorValues.FromInt64s("axes", [2], [2, 3]));
        pool.Input.Add("axes");

        OnnxException error = Assert.Throws<OnnxException>(() => Load(model));

        Assert.Contains("m.onnx", error.Message, StringComparison.Ordinal);
        Assert.Contains("no feature map", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_that_the_model_does_not_have_is_refused()
    {
        using Explainer explainer = Load(TinyClassifier.Network());

        Assert.Throws<ArgumentException>(() => explainer.Explain(HalfBlueHalfRed(), label: "yellow"));
    }

    [Fact]
    public void The_picture_is_warm_at_hot_places_and_unchanged_at_cold_ones()
    {
        using Explainer explainer = Load(TinyClassifier.Network());
        byte[] file = HalfBlueHalfRed();

        using Image drawn = Image.NewFromBuffer(explainer.Explain(file, label: "red").ToPng());

        Assert.Equal((32, 24, 3), (drawn.Width, drawn.Height, drawn.Bands));
        Assert.Equal([0d, 0, 255], drawn[2, 12]); // blue does not speak for red
        Assert.True(drawn[29, 12][1] > 150); // red alone has no green
    }

    private Explainer Load(OnnxModel model, ClassificationTask task = ClassificationTask.SingleLabel)
    {
        ModelCard card = TinyClassifier.Card(model);
        card = task == ClassificationTask.MultiLabel ? card with { Task = task, Thresholds = [0.5, 0.5, 0.5] } : card;
        model.SetMetadata(ModelCard.MetadataKey, card.ToJson());
        return Explainer.Load(_folder.Write("m.onnx", model.ToBytes()));
    }

    // Scaled features, a hidden layer, ReLU and a last layer that is scaled again, as exported heads have them.
    private static OnnxModel HiddenLayers()
    {
        OnnxModel model = TinyClassifier.Network();
        Random random = new(7);
        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1))];
        model.Graph.Initializer.Add(TensorValues.FromSingles("mean", [3], Draw(3)));
        model.Graph.Initializer.Add(TensorValues.FromSingles("spread", [3], [0.5f, 2, 1.5f]));
        model.Graph.Initializer.Add(TensorValues.FromSingles("first", [5, 3], Draw(15)));
        model.Graph.Initializer.Add(TensorValues.FromSingles("first.bias", [5], Draw(5)));
        model.Graph.Initializer.Add(TensorValues.FromSingles("second", [5, 3], Draw(15)));
        model.Graph.Initializer.Add(TensorValues.FromSingles("temperature", [], [0.7f]));
        Replace(
            model,
            "logits",
            Node("Sub", "centred.features", "features", "mean"),
            Node("Div", "scaled.features", "centred.features", "spread"),
            Node("Gemm", "hidden", "scaled.features", "first", "first.bias").WithAttribute("transB", 1L),
            Node("Relu", "active", "hidden"),
            Node("MatMul", "raw", "active", "second"),
            Node("Div", "logits", "raw", "temperature")
        );
        model.Graph.Initializer.Remove(model.Graph.Initializer.Single(one => one.Name == "weight"));
        return model;
    }

    // Puts nodes in the place of the one that makes an edge.
    private static void Replace(OnnxModel model, string edge, params NodeProto[] nodes)
    {
        NodeProto old = model.Graph.Node.Single(node => node.Output.Contains(edge));
        int place = model.Graph.Node.IndexOf(old);
        model.Graph.Node.RemoveAt(place);
        foreach (NodeProto node in nodes.Reverse())
        {
            model.Graph.Node.Insert(place, node);
        }
    }

    private static NodeProto Node(string operation, string output, params string[] inputs) =>
        new()
        {
            OpType = operation,
            Name = output,
            Input = { inputs },
            Output = { output },
        };

    private static byte[] HalfBlueHalfRed()
    {
        Vips.Prepare();
        using Image blue = Image.Black(60, 90, bands: 3).Linear([1], [0, 0, 255], uchar: true);
        using Image red = Image.Black(60, 90, bands: 3).Linear([1], [255, 0, 0], uchar: true);
        return blue.Join(red, Enums.Direction.Horizontal).PngsaveBuffer();
    }

    private static byte[] Noise()
    {
        byte[] pixels = new byte[3 * 32 * 24];
        new Random(5).NextBytes(pixels);
        return pixels;
    }
}
