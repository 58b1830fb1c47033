using Graft.Conformance;
using Graft.Onnx;
using Graft.Torch;
using Graft.Training.Bodies;
using Microsoft.ML.OnnxRuntime;
using DataType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Training.Tests.Bodies;

/// <summary>
/// Tests networks with unusual operators: saved by ONNX Runtime's optimiser, in half precision, or quantised in each of
/// the usual ways.
/// </summary>
public sealed class ForeignOperatorTests : IDisposable
{
    /// <summary>Tolerance as a share of the largest logit: float32 and fused operators sum in another order.</summary>
    private const double Fused = 1e-3;

    /// <summary>
    /// Tolerance of quantised networks as a share of the largest logit: rounded bytes may differ by a step of 1/255.
    /// </summary>
    private const double Bytes = 0.03;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, GraphOptimizationLevel> Optimised
    {
        get
        {
            TheoryData<string, GraphOptimizationLevel> data = [];
            foreach (
                string name in (string[])
                    [
                        "mnasnet0_5",
                        "shufflenet_v2_x0_5",
                        "squeezenet1_1",
                        "test_byobnet",
                        "test_convnext",
                        "test_efficientnet",
                        "test_resnet",
                        "test_vit",
                    ]
            )
            {
                // The domain com.microsoft has FusedConv, Gelu, Attention and others.
                data.Add(name, GraphOptimizationLevel.ORT_ENABLE_EXTENDED);
                data.Add(name, GraphOptimizationLevel.ORT_ENABLE_ALL); // also has com.microsoft.nchwc
            }

            return data;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Optimised))]
    public void A_network_optimised_by_ONNX_Runtime_is_a_body(string name, GraphOptimizationLevel level)
    {
        string original = SharedData.Find($"golden/onnx/{name}.onnx");
        string path = Path.Combine(_folder.Root, "optimised.onnx");
        SaveOptimised(original, path, level);

        if (name == "squeezenet1_1" && level == GraphOptimizationLevel.ORT_ENABLE_ALL)
        {
            // The classifier is a convolution, and all convolutions have the optimiser's blocked layout.
            Assert.Contains(
                "com.microsoft.nchwc",
                Assert
                    .ThrowsAny<GraftException>(() => ForeignBody.Read(path, null, InputTransform.Parse("imagenet")))
                    .Message,
                StringComparison.Ordinal
            );
            return;
        }

        ForeignBody body = ForeignBody.Read(path, features: null, InputTransform.Parse("imagenet"));

        AssertSame(OnnxImport.Read(original).Model, body, Fused);
        ForeignBody plain = ForeignBody.Read(original, features: null, InputTransform.Parse("imagenet"));
        Assert.Equal(Shape(plain.Model, plain.InputShape)[1], Shape(body.Model, body.InputShape)[1]);
        AssertCutsAreFound(body);
    }

    [Theory]
    [InlineData(nameof(DataType.Float16))]
    [InlineData(nameof(DataType.Bfloat16))]
    public void A_network_in_half_precision_becomes_float32(string precision)
    {
        DataType type = Enum.Parse<DataType>(precision);
        OnnxModel single = Classifier();
        OnnxModel half = Classifier();
        ToHalf(half, type);
        string path = _folder.Write("half.onnx", half.ToBytes());

        ForeignBody body = ForeignBody.Read(path, features: null, InputTransform.Parse("half"));

        Assert.All(body.Network.Model.Graph.Initializer, w => Assert.Equal((int)DataType.Float, w.DataType));
        Assert.Contains(body.Network.Changes, change => change.Contains("became float32", StringComparison.Ordinal));
        AssertSame(single, body, type == DataType.Float16 ? Fused : Bytes);
        Assert.Empty(new Trainability(body.Model).UntrainableNodes);
    }

    [Theory]
    [InlineData(13, true)]
    [InlineData(18, true)]
    [InlineData(18, false)]
    [InlineData(10, false)]
    public void A_network_of_QLinear_operators_has_float_features_and_cuts(int opset, bool isPerFilter)
    {
        string path = _folder.Write("qlinear.onnx", QLinear(opset, isPerFilter).ToBytes());

        ForeignBody body = ForeignBody.Read(path, features: null, InputTransform.Parse("zero-to-one"));

        Assert.Equal(FeatureKind.Map, body.Boundary.Kind);
        AssertSame(OnnxModel.Load(path), body, Bytes);
        AssertCutsAreFound(body);
        CutPoint last = CutPoints.Find(body.Model, body.InputShape)[^1];
        Assert.Equal((4 * 27) + 4 + (4 * 36) + 4, last.ParametersBefore);
        Assert.Equal((14 * 14 * 4 * 27) + (12 * 12 * 4 * 36), last.MultiplyAddsBefore);
        Assert.Contains(new Trainability(body.Model).UntrainableNodes, node => node.Operator == "QuantizeLinear");
    }

    [Fact]
    public void A_fake_quantised_network_is_cut_at_its_float_edges()
    {
        OnnxModel model = Classifier();
        foreach (NodeProto node in model.Graph.Node.ToList())
        {
            RoundInput(model, node);
        }

        string path = _folder.Write("qdq.onnx", model.ToBytes());

        ForeignBody body = ForeignBody.Read(path, features: null, InputTransform.Parse("zero-to-one"));

        Assert.Equal((FeatureKind.Map, 8), (body.Boundary.Kind, (int)Shape(body.Model, body.InputShape)[1]));
        AssertSame(model, body, Bytes);
        AssertCutsAreFound(body);
    }

    [Fact]
    public void A_classifier_quantised_at_run_time_is_found()
    {
        OnnxModel model = Classifier();
        model.Graph.Node.RemoveAt(model.Graph.Node.Count - 1);
        model.Graph.Initializer.Add(
            Int8("fc.bytes", [8, 5], [.. Enumerable.Range(0, 40).Select(i => (sbyte)(i - 20))])
        );
        model.Graph.Initializer.Add(TensorValues.FromSingles("fc.scale", [], [0.01f]));
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "DynamicQuantizeLinear",
                Input = { "flat" },
                Output = { "q", "s", "z" },
            }
        );
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "MatMulInteger",
                Input = { "q", "fc.bytes", "z" },
                Output = { "integers" },
            }
        );
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Cast",
                Input = { "integers" },
                Output = { "numbers" },
            }.WithAttribute("to", (long)DataType.Float)
        );
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Mul",
                Input = { "s", "fc.scale" },
                Output = { "scale" },
            }
        );
        model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Mul",
                Input = { "numbers", "scale" },
                Output = { "logits" },
            }
        );
        string path = _folder.Write("dynamic.onnx", model.ToBytes());

        ForeignBody body = ForeignBody.Read(path, features: null, InputTransform.Parse("zero-to-one"));

        Assert.Equal(("b", FeatureKind.Map), (body.Boundary.Edge, body.Boundary.Kind));
        Assert.Empty(new Trainability(body.Model).UntrainableNodes);
    }

    [Fact]
    public void A_network_without_a_classifier_ends_at_its_last_feature_map()
    {
        OnnxModel model = Classifier();
        model.Graph.Node.RemoveAt(model.Graph.Node.Count - 1);
        model.Graph.Output.Clear();
        model.Graph.Output.Add(new ValueInfoProto { Name = "flat" });

        ForeignBody body = ForeignBody.Read(
            _folder.Write("headless.onnx", model.ToBytes()),
            features: null,
            InputTransform.Parse("half")
        );

        Assert.Equal(
            ("b", "the last feature map; the file has no classifier"),
            (body.Boundary.Edge, body.Boundary.Reason)
        );
    }

    [Fact]
    public void An_unknown_operator_is_refused_by_name()
    {
        OnnxModel model = Classifier();
        model.Graph.Node[1].OpType = "NoSuchOperator";
        model.Graph.Node[1].Domain = "com.microsoft";
        string path = _folder.Write("odd.onnx", Imports(model, "com.microsoft").ToBytes());

        GraftException error = Assert.ThrowsAny<GraftException>(() =>
            ForeignBody.Read(path, features: null, InputTransform.Parse("half"))
        );

        Assert.Contains("NoSuchOperator", error.Message, StringComparison.Ordinal);
    }

    private static void SaveOptimised(string original, string path, GraphOptimizationLevel level)
    {
        using SessionOptions options = new()
        {
            GraphOptimizationLevel = level,
            OptimizedModelFilePath = path,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        using InferenceSession session = new(original, options);
    }

    private static void AssertSame(OnnxModel expected, ForeignBody body, double tolerance)
    {
        float[] images = Array.ConvertAll(FillingRule.Input([1, .. body.InputShape]), x => (x + 2) / 4); // 0..1
        float[] right = Run(expected, images, body.InputShape),
            found = Run(body.Network.Model, images, body.InputShape);
        double size = right.Max(Math.Abs);
        Assert.True(size > 0);
        Assert.All(right.Zip(found), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, tolerance * size));
    }

    // Every cut point is a float edge from which the rest of the network can run.
    private static void AssertCutsAreFound(ForeignBody body)
    {
        IReadOnlyList<CutPoint> cuts = CutPoints.Find(body.Model, body.InputShape);
        Assert.InRange(cuts.Count, 2, 1000);
        using Graft.Onnx.OnnxSession network = new(
            Subgraph.Prefix(body.Model, [.. cuts.Skip(1).Select(cut => cut.Edge)]),
            "test"
        );
        float[] images = FillingRule.Input([1, .. body.InputShape]);
        Assert.All(network.Run(images, [1, .. body.InputShape]), output => Assert.NotNull(output.Singles));
    }

    private static long[] Shape(OnnxModel model, long[] inputShape) =>
        ShapeProbe.Measure(model, [model.Graph.Output[0].Name], 1, inputShape)[model.Graph.Output[0].Name];

    private static float[] Run(OnnxModel model, float[] images, long[] shape)
    {
        using Graft.Onnx.OnnxSession network = new(model, "test");
        return network.Run(images, [1, .. shape])[0].Singles!;
    }

    // x [3,16,16] → conv a (8, ReLU) → conv b (8, ReLU) → pool → flat → Gemm logits (5).
    private static OnnxModel Classifier()
    {
        OnnxModel model = OnnxModel.Create("classifier");
        model.Graph.Input.Add(EdgeDeclaration.Create("x", [3, 16, 16]));
        Layer(model, "Conv", "x", "a.conv", 8, 3, 3, 3);
        Node(model, "Relu", ["a.conv"], "a");
        Layer(model, "Conv", "a", "b.conv", 8, 8, 3, 3);
        Node(model, "Relu", ["b.conv"], "b");
        Node(model, "GlobalAveragePool", ["b"], "pooled");
        Node(model, "Flatten", ["pooled"], "flat");
        Layer(model, "Gemm", "flat", "logits", 5, 8).WithAttribute("transB", 1L);
        model.Graph.Output.Add(EdgeDeclaration.Create("logits", [5]));
        return model;
    }

    private static NodeProto Node(OnnxModel model, string operation, string[] inputs, string output)
    {
        NodeProto node = new()
        {
            OpType = operation,
            Name = output,
            Input = { inputs },
            Output = { output },
        };
        model.Graph.Node.Add(node);
        return node;
    }

    private static NodeProto Layer(OnnxModel model, string operation, string input, string output, params long[] shape)
    {
        model.Graph.Initializer.Add(
            TensorValues.FromSingles($"{output}.weight", shape, FillingRule.Weight($"{output}.weight", shape))
        );
        return Node(model, operation, [input, $"{output}.weight"], output);
    }

    private static void ToHalf(OnnxModel model, DataType type)
    {
        foreach (TensorProto weight in model.Graph.Initializer)
        {
            float[] values = TensorValues.ToSingles(weight);
            weight.ClearRawData();
            weight.DataType = (int)type;
            weight.Int32Data.AddRange(
                values.Select(x =>
                    type == DataType.Float16
                        ? BitConverter.HalfToUInt16Bits((Half)x)
                        : (int)(BitConverter.SingleToUInt32Bits(x) >> 16)
                )
            );
        }

        model.Graph.Input[0].Type.TensorType.ElemType = (int)type;
        model.Graph.Output[0].Type.TensorType.ElemType = (int)type;
    }

    // x → QuantizeLinear → QLinearConv → QLinearConv → com.microsoft.QLinearGlobalAveragePool → Flatten → QLinearMatMul
    // → DequantizeLinear.
    private static OnnxModel QLinear(int opset, bool isPerFilter)
    {
        OnnxModel model = Imports(OnnxModel.Create("qlinear"), "com.microsoft");
        model.Proto.OpsetImport[0].Version = opset;
        model.Graph.Input.Add(EdgeDeclaration.Create("x", [3, 16, 16]));
        AddScale(model, "x", 1f / 255);
        AddScale(model, "a", 0.02f);
        AddScale(model, "b", 0.02f);
        AddScale(model, "l", 0.02f);
        Node(model, "QuantizeLinear", ["x", "x.scale", "x.zero"], "x.q");
        Convolution(model, "x", "a", 3, isPerFilter);
        Convolution(model, "a", "b", 4, isPerFilter);
        Node(model, "QLinearGlobalAveragePool", ["b.q", "b.scale", "b.zero", "b.scale", "b.zero"], "pooled").Domain =
            "com.microsoft";
        Node(model, "Flatten", ["pooled"], "flat");
        model.Graph.Initializer.Add(
            Int8("l.weight", [4, 5], [.. Enumerable.Range(0, 20).Select(i => (sbyte)((i * 37 % 200) - 100))])
        );
        model.Graph.Initializer.Add(TensorValues.FromSingles("w.scale", [], [0.01f]));
        model.Graph.Initializer.Add(Int8("w.zero", [], [0]));
        Node(
            model,
            "QLinearMatMul",
            ["flat", "b.scale", "b.zero", "l.weight", "w.scale", "w.zero", "l.scale", "l.zero"],
            "l.q"
        );
        Node(model, "DequantizeLinear", ["l.q", "l.scale", "l.zero"], "logits");
        model.Graph.Output.Add(EdgeDeclaration.Create("logits", [5]));
        return model;
    }

    private static void Convolution(OnnxModel model, string from, string to, int channels, bool isPerFilter)
    {
        sbyte[] kernel = [.. Enumerable.Range(0, 4 * channels * 9).Select(i => (sbyte)((i * 53 % 240) - 110))];
        model.Graph.Initializer.Add(Int8($"{to}.weight", [4, channels, 3, 3], kernel));
        model.Graph.Initializer.Add(
            isPerFilter
                ? TensorValues.FromSingles($"{to}.w.scale", [4], [0.002f, 0.003f, 0.004f, 0.005f])
                : TensorValues.FromSingles($"{to}.w.scale", [], [0.003f])
        );
        model.Graph.Initializer.Add(
            isPerFilter ? Int8($"{to}.w.zero", [4], [0, 0, 0, 0]) : Int8($"{to}.w.zero", [], [0])
        );
        TensorProto bias = new()
        {
            Name = $"{to}.bias",
            DataType = (int)DataType.Int32,
            Dims = { 4 },
            Int32Data = { 100, -200, 300, 5000 },
        };
        model.Graph.Initializer.Add(bias);
        Node(
            model,
            "QLinearConv",
            [
                $"{from}.q",
                $"{from}.scale",
                $"{from}.zero",
                $"{to}.weight",
                $"{to}.w.scale",
                $"{to}.w.zero",
                $"{to}.scale",
                $"{to}.zero",
                bias.Name,
            ],
            $"{to}.q"
        );
    }

    private static void AddScale(OnnxModel model, string edge, float scale)
    {
        model.Graph.Initializer.Add(TensorValues.FromSingles($"{edge}.scale", [], [scale]));
        model.Graph.Initializer.Add(
            new TensorProto
            {
                Name = $"{edge}.zero",
                DataType = (int)DataType.Uint8,
                Int32Data = { edge == "l" ? 128 : 0 },
            }
        );
    }

    // Quantises and dequantises the node's first input, as quantisation tools do.
    private static void RoundInput(OnnxModel model, NodeProto node)
    {
        string edge = node.Input[0],
            name = $"{node.Name}.in";
        AddScale(model, name, 0.05f);
        int at = model.Graph.Node.IndexOf(node);
        model.Graph.Node.Insert(
            at,
            new NodeProto
            {
                OpType = "QuantizeLinear",
                Input = { edge, $"{name}.scale", $"{name}.zero" },
                Output = { $"{name}.q" },
            }
        );
        model.Graph.Node.Insert(
            at + 1,
            new NodeProto
            {
                OpType = "DequantizeLinear",
                Input = { $"{name}.q", $"{name}.scale", $"{name}.zero" },
                Output = { $"{name}.dq" },
            }
        );
        node.Input[0] = $"{name}.dq";
    }

    private static TensorProto Int8(string name, long[] shape, sbyte[] values) =>
        new()
        {
            Name = name,
            DataType = (int)DataType.Int8,
            Dims = { shape },
            Int32Data = { values.Select(v => (int)v) },
        };

    private static OnnxModel Imports(OnnxModel model, string domain)
    {
        model.Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = 1 });
        return model;
    }
}
