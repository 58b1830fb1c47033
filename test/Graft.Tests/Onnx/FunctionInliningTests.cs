using Graft.Onnx;

namespace Graft.Tests.Onnx;

public sealed class FunctionInliningTests
{
    [Fact]
    public void A_call_is_replaced_by_the_nodes_of_the_function_with_the_same_values()
    {
        OnnxModel model = WithFunction();
        byte[] file = model.ToBytes();
        float[] images = SmallNetworks.Images(2);
        using OnnxSession whole = new(file, "functions");

        OnnxModel inlined = OnnxModel.Parse(file, "functions");

        Assert.Equal(
            ["Conv", "LeakyRelu", "Conv", "LeakyRelu", "GlobalAveragePool"],
            inlined.Graph.Node.Select(n => n.OpType)
        );
        Assert.Empty(inlined.Proto.Functions);
        Assert.Equal(whole.Run(images, 2, 3, 8, 8)[0].Singles, SmallNetworks.Run(inlined, images, 2, 3, 8, 8));
    }

    [Fact]
    public void An_attribute_comes_from_the_caller_then_the_function_then_the_operator()
    {
        OnnxModel model = WithFunction();
        model.Graph.Node[1].Attribute.Clear();
        model.Proto.Functions[0].AttributeProto.Clear();
        model.Proto.Functions[0].Attribute.Add("slope");

        OnnxModel inlined = OnnxModel.Parse(model.ToBytes(), "functions");

        float[] slopes =
        [
            .. WithFunctionInlined()
                .Graph.Node.Where(n => n.OpType == "LeakyRelu")
                .Select(n => n.GetFloat("alpha", 0.01f)),
        ];
        Assert.Equal([0.25f, 0.5f], slopes);
        Assert.All(inlined.Graph.Node.Where(n => n.OpType == "LeakyRelu"), node =>
            Assert.Null(node.FindAttribute("alpha"))
        );
    }

    [Fact]
    public void The_branches_of_an_If_inside_a_function_keep_their_outer_edges()
    {
        OnnxModel model = OnnxModel.Create("branches");
        model.Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "own", Version = 1 });
        model.Graph.Input.Add(EdgeDeclaration.Create("x", SmallNetworks.InputShape));
        SmallNetworks.Add(model, "Twice", ["x"], "y").Domain = "own";
        SmallNetworks.Add(model, "Twice", ["y"], "z").Domain = "own";
        model.Graph.Output.Add(new ValueInfoProto { Name = "z" });
        FunctionProto twice = Function("Twice", ["a"], ["b"]);
        twice.Node.Add(Constant("yes", 1));
        twice.Node.Add(
            new NodeProto
            {
                OpType = "Cast",
                Input = { "yes" },
                Output = { "is" },
            }.WithAttribute("to", 9L)
        );
        twice.Node.Add(
            new NodeProto
            {
                OpType = "If",
                Input = { "is" },
                Output = { "b" },
                Attribute = { Branch("then_branch", "a", "a"), Branch("else_branch", "a", "yes") },
            }
        );
        model.Proto.Functions.Add(twice);
        float[] images = SmallNetworks.Images(1);

        OnnxModel inlined = OnnxModel.Parse(model.ToBytes(), "branches");

        Assert.Equal([.. images.Select(x => 4 * x)], SmallNetworks.Run(inlined, images, 1, 3, 8, 8));
    }

    [Fact]
    public void An_output_that_is_an_input_reaches_the_caller()
    {
        OnnxModel model = OnnxModel.Create("through");
        model.Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "own", Version = 1 });
        model.Graph.Input.Add(EdgeDeclaration.Create("x", SmallNetworks.InputShape));
        NodeProto call = SmallNetworks.Add(model, "Through", ["x"], "y");
        call.Domain = "own";
        call.Output.Add("z");
        SmallNetworks.Add(model, "Add", ["y", "z"], "sum");
        model.Graph.Output.Add(new ValueInfoProto { Name = "sum" });
        FunctionProto through = Function("Through", ["a"], ["a", "b"]);
        through.Node.Add(
            new NodeProto
            {
                OpType = "Neg",
                Input = { "a" },
                Output = { "b" },
            }
        );
        model.Proto.Functions.Add(through);

        OnnxModel inlined = OnnxModel.Parse(model.ToBytes(), "through");

        Assert.All(SmallNetworks.Run(inlined, SmallNetworks.Images(1), 1, 3, 8, 8), x => Assert.Equal(0, x));
    }

    [Fact]
    public void A_function_for_another_operator_set_is_kept_and_runs()
    {
        OnnxModel model = WithFunction();
        model.Proto.Functions[0].OpsetImport[0].Version = 15;

        OnnxModel loaded = OnnxModel.Parse(model.ToBytes(), "functions");

        Assert.Equal("Block", loaded.Graph.Node[1].OpType);
        Assert.Single(loaded.Proto.Functions);
    }

    [Fact]
    public void A_function_that_calls_itself_is_refused()
    {
        OnnxModel model = WithFunction();
        model.Proto.Functions[0].Node[0].OpType = "Block";
        model.Proto.Functions[0].Node[0].Domain = "own";

        OnnxException error = Assert.Throws<OnnxException>(() => OnnxModel.Parse(model.ToBytes(), "hostile"));

        Assert.Contains("'Block' is called 32 calls deep, or calls itself", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Functions_that_grow_exponentially_are_refused_before_memory_is_allocated()
    {
        OnnxModel model = WithFunction();
        FunctionProto last = model.Proto.Functions[0];
        for (int level = 1; level <= 12; level++)
        {
            FunctionProto function = Function($"Level{level}", ["a"], ["b"]);
            for (int i = 0; i < 10; i++)
            {
                function.Node.Add(
                    new NodeProto
                    {
                        OpType = last.Name,
                        Domain = "own",
                        Input = { i == 0 ? "a" : $"c{i}" },
                        Output = { i == 9 ? "b" : $"c{i + 1}" },
                    }
                );
            }

            model.Proto.Functions.Add(function);
            last = function;
        }

        model.Graph.Node[1].OpType = last.Name;
        long before = GC.GetAllocatedBytesForCurrentThread();

        OnnxException error = Assert.Throws<OnnxException>(() => OnnxModel.Parse(model.ToBytes(), "hostile"));

        Assert.Contains("larger than 100,000 nodes", error.Message, StringComparison.Ordinal);
        // 10^12 nodes would take a billion times more
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 30);
    }

    private static OnnxModel WithFunctionInlined() => OnnxModel.Parse(WithFunction().ToBytes(), "functions");

    // x → conv → Block(slope 0.25) → conv → Block (its own slope, 0.5) → pool, where Block is a LeakyRelu.
    private static OnnxModel WithFunction()
    {
        OnnxModel model = OnnxModel.Create("functions");
        model.Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "own", Version = 1 });
        model.Graph.Input.Add(EdgeDeclaration.Create("x", SmallNetworks.InputShape));
        SmallNetworks.Add(model, "Conv", ["x", SmallNetworks.Weight(model, "a", 4, 3, 3, 3)], "1");
        SmallNetworks.Add(model, "Block", ["1"], "2").WithAttribute("slope", 0.25f).Domain = "own";
        SmallNetworks.Add(model, "Conv", ["2", SmallNetworks.Weight(model, "b", 4, 4, 3, 3)], "3");
        SmallNetworks.Add(model, "Block", ["3"], "4").Domain = "own";
        SmallNetworks.Add(model, "GlobalAveragePool", ["4"], "5");
        model.Graph.Output.Add(new ValueInfoProto { Name = "5" });
        FunctionProto block = Function("Block", ["a"], ["b"]);
        block.AttributeProto.Add(
            new AttributeProto
            {
                Name = "slope",
                Type = AttributeProto.Types.AttributeType.Float,
                F = 0.5f,
            }
        );
        NodeProto node = new()
        {
            OpType = "LeakyRelu",
            Input = { "a" },
            Output = { "b" },
        };
        node.Attribute.Add(
            new AttributeProto
            {
                Name = "alpha",
                Type = AttributeProto.Types.AttributeType.Float,
                RefAttrName = "slope",
            }
        );
        block.Node.Add(node);
        model.Proto.Functions.Add(block);
        return model;
    }

    private static FunctionProto Function(string name, string[] inputs, string[] outputs)
    {
        FunctionProto function = new()
        {
            Name = name,
            Domain = "own",
            Input = { inputs },
            Output = { outputs },
        };
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = OnnxModel.DefaultOpset });
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = "own", Version = 1 });
        return function;
    }

    private static NodeProto Constant(string output, float value)
    {
        NodeProto node = new() { OpType = "Constant", Output = { output } };
        node.Attribute.Add(
            new AttributeProto
            {
                Name = "value",
                Type = AttributeProto.Types.AttributeType.Tensor,
                T = TensorValues.FromSingles("", [], [value]),
            }
        );
        return node;
    }

    // Adds two edges of the outer graph.
    private static AttributeProto Branch(string name, string a, string b)
    {
        GraphProto graph = new()
        {
            Name = name,
            Output =
            {
                new ValueInfoProto
                {
                    Name = "sum",
                    Type = EdgeDeclaration.Create("sum", SmallNetworks.InputShape).Type,
                },
            },
        };
        graph.Node.Add(
            new NodeProto
            {
                OpType = "Add",
                Input = { a, b },
                Output = { "sum" },
            }
        );
        return new AttributeProto
        {
            Name = name,
            Type = AttributeProto.Types.AttributeType.Graph,
            G = graph,
        };
    }
}
