using Graft.Onnx;
using Graft.Torch;
using Graft.Training.FineTuning;
using TorchSharp;
using TorchSharp.Modules;
using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Training.Tests.Torch;

[Collection("torch")]
public sealed class TorchGraphTests
{
    // Float32 sums of a few dozen terms.
    private const double Float32Noise = 1e-5;

    [Fact]
    public void An_unknown_operator_is_refused_by_name_at_construction()
    {
        OnnxModel model = new SmallGraph().Node("NonMaxSuppression", "x", "y").Output("y");

        OnnxException refusal = Assert.Throws<OnnxException>(() => new TorchGraph(model));

        Assert.StartsWith("'the_NonMaxSuppression (NonMaxSuppression)' cannot be used: ", refusal.Message);
        Assert.Contains("docs/operators.md", refusal.Message);
    }

    [Fact]
    public void A_null_argument_is_named()
    {
        using TorchGraph graph = new(ConvolutionBlock());

        Check("model", () => _ = new TorchGraph(null!));
        Check("input", () => graph.Forward(null!));
        Check("inputs", () => graph.Run(null!));
        Check("model", () => graph.WriteWeights(null!));
        Check("model", () => _ = new Trainability(null!));
        Check("values", () => AlignedTensor.Of((float[])null!));
        Check("shape", () => AlignedTensor.Of([1f], null!));

        static void Check(string name, Action call) =>
            Assert.Equal(name, Assert.Throws<ArgumentNullException>(call).ParamName);
    }

    [Fact]
    public void An_operator_of_another_domain_is_refused_by_name()
    {
        OnnxModel model = new SmallGraph().Node("Relu", "x", "y", node => node.Domain = "com.example").Output("y");

        Assert.Contains("com.example", Assert.Throws<OnnxException>(() => new TorchGraph(model)).Message);
    }

    [Fact]
    public void An_error_of_PyTorch_names_the_node()
    {
        using TorchGraph graph = new(new SmallGraph().Random("w", [7, 5], 1).Node("MatMul", "x w", "y").Output("y"));
        using Tensor input = ones(2, 3);

        OnnxException refusal = Assert.Throws<OnnxException>(() => graph.Forward(input));

        Assert.Contains("the_MatMul (MatMul)", refusal.Message);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public void Weights_are_parameters_but_statistics_and_constants_are_not()
    {
        using TorchGraph graph = new(ConvolutionBlock());

        Assert.Equal(["bias", "kernel", "last", "scale", "shift"], graph.Parameters.Keys.Order());
        Assert.Equal(["mean", "variance"], graph.Buffers.Keys.Order());
        Assert.All(graph.Parameters.Values, parameter =>
            Assert.True(parameter.requires_grad && parameter.dtype == ScalarType.Float32)
        );
    }

    [Fact]
    public void Weights_of_constant_nodes_are_parameters_and_are_written_as_initialisers()
    {
        OnnxModel model = new SmallGraph()
            .Ints("shape", 3, 2)
            .Node("ConstantOfShape", "shape", "w", node =>
                node.Attribute.Add(new AttributeProto { Name = "value", T = TensorValues.FromSingles("", [1], [2f]) })
            )
            .Node("MatMul", "x w", "y")
            .Output("y");
        using TorchGraph graph = new(model);
        using Tensor input = ones(1, 3);

        using (no_grad())
        {
            graph.Parameters["w"].fill_(Held(5));
        }

        graph.WriteWeights(model);
        using TorchGraph again = new(model);

        Assert.Equal([15f, 15f], Floats(again.Forward(input)));
    }

    [Fact]
    public void Frozen_weights_are_not_parameters_and_lead_to_the_same_output()
    {
        OnnxModel model = ConvolutionBlock();
        using TorchGraph trained = new(model);
        using TorchGraph frozen = new(model, new TorchGraphOptions { IsTrainable = name => name == "last" });
        using Tensor input = Input(4);

        Assert.Equal(["last"], frozen.Parameters.Keys);
        AssertClose(Floats(trained.Forward(input)), Floats(frozen.Forward(input)), Float32Noise);
    }

    [Fact]
    public void A_folded_batch_norm_leads_to_the_same_output_as_a_separate_one()
    {
        using TorchGraph folded = new(ConvolutionBlock());
        using TorchGraph alone = new(ConvolutionBlock(between: "Identity"));
        using Tensor input = Input(4);

        AssertClose(Floats(alone.Forward(input)), Floats(folded.Forward(input)), Float32Noise);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Gradients_agree_with_finite_differences(bool isFolded)
    {
        // Central differences of a smooth function in double precision. The step is far above the rounding of the
        // float32 masters.
        const double step = 1e-2,
            tolerance = 2e-3;
        using DisposeScope scope = NewDisposeScope();
        using TorchGraph graph = new(
            ConvolutionBlock(isFolded ? null : "Identity", activation: "Softplus"),
            new TorchGraphOptions { ComputeType = ScalarType.Float64 }
        );
        using Tensor input = Input(2);

        Loss(graph, input).backward();

        foreach ((string name, Parameter parameter) in graph.Parameters)
        {
            using Tensor gradient = parameter.grad!.reshape(-1);
            for (long i = 0; i < parameter.numel(); i += 1 + (parameter.numel() / 5))
            {
                double numeric =
                    (LossAt(graph, input, parameter, i, step) - LossAt(graph, input, parameter, i, -step)) / (2 * step);
                Assert.True(
                    Math.Abs(numeric - gradient[i].ReadNumber()) <= tolerance * (1 + Math.Abs(numeric)),
                    $"{name}[{i}]: {gradient[i].ReadNumber()} is not {numeric}"
                );
            }
        }
    }

    [Fact]
    public void Bfloat16_stays_close_to_float32()
    {
        // 8 bits of mantissa and a few layers: 2^-8 per layer.
        const double tolerance = 0.03;
        using TorchGraph exact = new(ConvolutionBlock());
        using TorchGraph rounded = new(ConvolutionBlock(), new TorchGraphOptions { ComputeType = ScalarType.BFloat16 });
        using Tensor input = Input(4);

        using Tensor output = rounded.Forward(input);
        output.sum().backward();

        Assert.Equal(ScalarType.Float32, output.dtype);
        AssertClose(Floats(exact.Forward(input)), Floats(output), tolerance);
        Assert.NotEqual(Floats(exact.Forward(input)), Floats(output));
        Assert.All(rounded.Parameters.Values, parameter => Assert.Equal(ScalarType.Float32, parameter.grad!.dtype));
    }

    [Fact]
    public void Dropout_drops_the_values_of_the_mask_and_only_in_training()
    {
        OnnxModel model = new SmallGraph().Weight("ratio", [], 0.75f).Node("Dropout", "x ratio", "y").Output("y");
        using TorchGraph graph = new(model);
        using Tensor input = ones(1, 4);
        static Tensor KeepFirst(int dropout, long[] shape, double keepShare) =>
            tensor(new[] { true, false, false, false }).reshape(shape);

        Assert.Equal([1f, 1f, 1f, 1f], Floats(graph.Forward(input)));
        Assert.Equal([4f, 0f, 0f, 0f], Floats(graph.Forward(input, KeepFirst)));
        Assert.Throws<InvalidOperationException>(() =>
            graph.Run(new Dictionary<string, Tensor> { ["x"] = input }, isTraining: true)
        );
    }

    [Fact]
    public void Training_steps_change_parameters_but_never_batch_norm_statistics()
    {
        using TorchGraph graph = new(ConvolutionBlock());
        using Tensor input = Input(4);
        Dictionary<string, float[]> statistics = graph.Buffers.ToDictionary(
            entry => entry.Key,
            entry => Floats(entry.Value.alias())
        );
        Dictionary<string, float[]> weights = graph.Parameters.ToDictionary(
            entry => entry.Key,
            entry => Floats(entry.Value.detach())
        );
        using TailOptimizer optimizer = Descent(graph);

        for (int i = 0; i < 3; i++)
        {
            Step(graph, input, optimizer);
        }

        Assert.All(graph.Buffers, entry => Assert.Equal(statistics[entry.Key], Floats(entry.Value.alias())));
        Assert.All(graph.Parameters, entry => Assert.NotEqual(weights[entry.Key], Floats(entry.Value.detach())));
    }

    [Fact]
    public void Trained_values_are_written_exactly()
    {
        OnnxModel model = ConvolutionBlock();
        using TorchGraph graph = new(model);
        using Tensor input = Input(4);
        using TailOptimizer optimizer = Descent(graph);
        Step(graph, input, optimizer);

        OnnxModel written = model.Clone();
        graph.WriteWeights(written);
        using TorchGraph again = new(OnnxModel.Parse(written.ToBytes(), "written"));

        Assert.Equal(Floats(graph.Forward(input)), Floats(again.Forward(input)));
        Assert.Equal(
            Floats(graph.Parameters["kernel"].detach()),
            TensorValues.ToSingles(written.Graph.Initializer.Single(w => w.Name == "kernel"))
        );
        Assert.Equal(
            model.Graph.Initializer.Single(w => w.Name == "mean"),
            written.Graph.Initializer.Single(w => w.Name == "mean")
        );
        Assert.NotEqual(
            model.Graph.Initializer.Single(w => w.Name == "kernel"),
            written.Graph.Initializer.Single(w => w.Name == "kernel")
        );
    }

    [Fact]
    public void No_tensor_outlives_a_step_or_the_graph()
    {
        long before = TensorCount.Settled(),
            parameters;
        using (Tensor input = Input(4))
        {
            TorchGraph graph = new(ConvolutionBlock(), new TorchGraphOptions { ComputeType = ScalarType.BFloat16 });
            TailOptimizer optimizer = Descent(graph);
            Step(graph, input, optimizer);
            long afterOne = Tensor.TotalCount;

            for (int i = 0; i < 5; i++)
            {
                Step(graph, input, optimizer);
            }

            Assert.Equal(afterOne, Tensor.TotalCount);
            parameters = graph.Parameters.Count;
            optimizer.Dispose();
            graph.Dispose();
        }

        // TorchSharp 0.107 never stops counting the empty handle from which a Parameter was made. Its memory belongs to
        // the parameter.
        Assert.Equal(before + parameters, Tensor.TotalCount);
    }

    [Fact]
    public void Shape_arithmetic_follows_the_size_of_each_batch()
    {
        OnnxModel model = new SmallGraph()
            .Ints("first", 0)
            .Ints("rest", -1)
            .Node("Shape", "x", "s")
            .Node("Gather", "s first", "n")
            .Node("Concat", "n rest", "to", node => node.WithAttribute("axis", 0L))
            .Node("Reshape", "x to", "y")
            .Output("y");
        using TorchGraph graph = new(model);

        foreach (long batch in new long[] { 4, 1, 4, 2, 3, 5, 6, 4 })
        {
            using Tensor input = ones(batch, 3, 2, 2);
            using Tensor output = graph.Forward(input);
            Assert.Equal([batch, 12], output.shape);
        }
    }

    /// <summary>
    /// Builds the parts of a usual tail: convolution, batch-norm, activation, pooling, a fully connected layer.
    /// </summary>
    internal static OnnxModel ConvolutionBlock(string? between = null, string activation = "Relu")
    {
        SmallGraph graph = new SmallGraph()
            .Random("kernel", [6, 3, 3, 3], 1)
            .Random("scale", [6], 2)
            .Random("shift", [6], 3)
            .Random("mean", [6], 4)
            .Random("variance", [6], 5, isPositive: true)
            .Random("last", [5, 6], 6)
            .Random("bias", [5], 7)
            .Weight("half", [], 0.5f)
            .Node("Conv", "x kernel", between is null ? "c" : "c0", node =>
                node.WithAttribute("pads", 1, 1, 1, 1).WithAttribute("strides", 2, 2)
            );
        graph = between is null ? graph : graph.Node(between, "c0", "c");
        return graph
            .Node("BatchNormalization", "c scale shift mean variance", "b")
            .Node(activation, "b", "r")
            .Node("Mul", "r half", "h")
            .Node("GlobalAveragePool", "h", "p")
            .Node("Flatten", "p", "f")
            .Node("Gemm", "f last bias", "y", node => node.WithAttribute("transB", 1L))
            .Output("y");
    }

    internal static Tensor Input(long batch)
    {
        using torch.Generator generator = new(7);
        return randn(batch, 3, 9, 9, generator: generator);
    }

    internal static float[] Floats(Tensor x)
    {
        using Tensor plain = x.contiguous();
        return plain.data<float>().ToArray();
    }

    internal static void AssertClose(float[] expected, float[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair =>
            Assert.True(
                Math.Abs(pair.First - pair.Second) <= tolerance * (1 + Math.Abs(pair.First)),
                $"{pair.Second} is not {pair.First}"
            )
        );
    }

    private static Tensor Loss(TorchGraph graph, Tensor input) => graph.Forward(input).Squared().sum();

    private static double LossAt(TorchGraph graph, Tensor input, Parameter parameter, long index, double step)
    {
        using IDisposable frozen = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using Tensor flat = parameter.reshape(-1);
        long[] place = new long[parameter.dim()];
        long rest = index;
        for (int i = place.Length - 1; i >= 0; i--)
        {
            place[i] = rest % parameter.shape[i];
            rest /= parameter.shape[i];
        }

        double original = flat[index].ReadNumber();
        using Tensor one = place.Aggregate(parameter.alias(), (x, at) => x.select(0, at));
        one.fill_(Held(original + step));
        double loss = Loss(graph, input).ReadNumber();
        one.fill_(Held(original));
        return loss;
    }

    private static TailOptimizer Descent(TorchGraph graph) =>
        new(
            OptimizerKind.Sgd,
            [new(IsHead: true, Factor: 1, IsDecayed: false, [.. graph.Parameters.Values])],
            weightDecay: 0
        );

    private static void Step(TorchGraph graph, Tensor input, TailOptimizer optimizer)
    {
        using DisposeScope scope = NewDisposeScope();
        Loss(graph, input).backward();
        optimizer.Step(headRate: 0.1, bodyRate: 0.1);
    }
}
