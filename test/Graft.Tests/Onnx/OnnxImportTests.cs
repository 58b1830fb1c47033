using Graft.Onnx;
using DataType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Tests.Onnx;

public sealed class OnnxImportTests
{
    [Fact]
    public void Weights_among_the_inputs_and_constants_become_weights_with_the_same_values()
    {
        OnnxModel model = SmallNetworks.Residual();
        float[] images = SmallNetworks.Images(2);
        float[] expected = SmallNetworks.Run(model, images, 2, 3, 8, 8);
        model.Proto.IrVersion = 3;
        model.Graph.Input.Add(new ValueInfoProto { Name = "a.weight" });
        TensorProto bias = model.Graph.Initializer.Single(t => t.Name == "fc.bias");
        model.Graph.Initializer.Remove(bias);
        NodeProto constant = new() { OpType = "Constant", Output = { "fc.bias" } };
        constant.Attribute.Add(
            new AttributeProto
            {
                Name = "value",
                Type = AttributeProto.Types.AttributeType.Tensor,
                T = bias,
            }
        );
        model.Graph.Node.Insert(0, constant);

        ImportedNetwork imported = OnnxImport.Canonicalize(model, "test");

        Assert.Equal(["x"], imported.Model.Graph.Input.Select(i => i.Name));
        Assert.DoesNotContain(imported.Model.Graph.Node, n => n.OpType == "Constant");
        Assert.Contains("1 constant nodes became weights", imported.Changes);
        Assert.Equal(expected, SmallNetworks.Run(imported.Model, images, 2, 3, 8, 8));
    }

    [Fact]
    public void Identity_and_dropout_are_removed_and_a_shared_weight_becomes_two()
    {
        OnnxModel model = OnnxModel.Create("shared");
        model.Graph.Input.Add(EdgeDeclaration.Create("x", SmallNetworks.InputShape));
        string weight = SmallNetworks.Weight(model, "w", 3, 3, 1, 1);
        SmallNetworks.Add(model, "Identity", [weight], "w2");
        SmallNetworks.Add(model, "Conv", ["x", weight], "a");
        SmallNetworks.Add(model, "Dropout", ["a"], "b");
        SmallNetworks.Add(model, "Conv", ["b", "w2"], "c");
        SmallNetworks.Add(model, "Conv", ["c", weight], "d");
        SmallNetworks.Add(model, "Identity", ["d"], "logits");
        model.Graph.Output.Add(new ValueInfoProto { Name = "logits" });
        float[] images = SmallNetworks.Images(1);
        float[] expected = SmallNetworks.Run(model, images, 1, 3, 8, 8);

        OnnxModel regular = OnnxImport.Canonicalize(model, "test").Model;

        // The output keeps its name.
        Assert.Equal(["Conv", "Conv", "Conv", "Identity"], regular.Graph.Node.Select(n => n.OpType));
        Assert.Equal(3, regular.Graph.Node.Where(n => n.OpType == "Conv").Select(n => n.Input[1]).Distinct().Count());
        Assert.Equal(expected, SmallNetworks.Run(regular, images, 1, 3, 8, 8));
    }

    [Fact]
    public void Batch_norm_exported_in_training_mode_uses_its_stored_statistics()
    {
        OnnxModel model = Normalised(isTraining: true);
        float[] images = SmallNetworks.Images(2);
        float[] expected = SmallNetworks.Run(Normalised(isTraining: false), images, 2, 3, 8, 8);

        ImportedNetwork imported = OnnxImport.Canonicalize(model, "test");

        OnnxImport.RequireDynamicBatch(imported, "logits", "test");
        Assert.Equal(expected, SmallNetworks.Run(imported.Model, images, 2, 3, 8, 8));
    }

    [Theory]
    [InlineData(new long[] { 1, 256 })]
    [InlineData(new long[] { 1, -1 })]
    public void A_fixed_batch_becomes_dynamic_and_each_image_keeps_its_result(long[] target)
    {
        OnnxModel model = WithReshape(target, declaredBatch: 1);
        float[] images = SmallNetworks.Images(3);
        float[] first = SmallNetworks.Run(model, images[..192], 1, 3, 8, 8);

        ImportedNetwork imported = OnnxImport.Canonicalize(model, "test");

        OnnxImport.RequireDynamicBatch(imported, "logits", "test");
        float[] all = SmallNetworks.Run(imported.Model, images, 3, 3, 8, 8);
        Assert.Equal(15, all.Length);
        Assert.Equal(first, all[..5], (a, b) => Math.Abs(a - b) < DynamicBatch.Tolerance);
    }

    [Fact]
    public void A_batch_that_is_declared_dynamic_but_fixed_inside_becomes_dynamic()
    {
        ImportedNetwork imported = OnnxImport.Canonicalize(WithReshape([1, -1], declaredBatch: null), "test");

        OnnxImport.RequireDynamicBatch(imported, "logits", "test");

        Assert.Equal(10, SmallNetworks.Run(imported.Model, SmallNetworks.Images(2), 2, 3, 8, 8).Length);
    }

    [Fact]
    public void Windows_merged_with_the_batch_become_dynamic_with_it()
    {
        OnnxModel model = OnnxModel.Create("windows");
        model.Graph.Input.Add(Fixed("x", 1, 3, 8, 8));
        model.Graph.Initializer.Add(TensorValues.FromInt64s("split", [6], [1, 3, 2, 4, 2, 4]));
        model.Graph.Initializer.Add(TensorValues.FromInt64s("merged", [3], [4, 16, 3]));
        model.Graph.Initializer.Add(TensorValues.FromInt64s("back", [2], [1, 192]));
        SmallNetworks.Add(model, "Reshape", ["x", "split"], "a");
        SmallNetworks.Add(model, "Transpose", ["a"], "b").WithAttribute("perm", 0, 2, 4, 3, 5, 1);
        SmallNetworks.Add(model, "Reshape", ["b", "merged"], "c");
        SmallNetworks.Add(model, "Softmax", ["c"], "d").WithAttribute("axis", 1);
        SmallNetworks.Add(model, "Reshape", ["d", "back"], "e");
        SmallNetworks
            .Add(model, "Gemm", ["e", SmallNetworks.Weight(model, "fc.weight", 5, 192)], "logits")
            .WithAttribute("transB", 1);
        model.Graph.Output.Add(new ValueInfoProto { Name = "logits" });

        ImportedNetwork imported = OnnxImport.Canonicalize(model, "test");

        OnnxImport.RequireDynamicBatch(imported, "logits", "test");
    }

    [Fact]
    public void A_token_for_one_image_is_repeated_for_each_image_of_a_batch()
    {
        OnnxModel model = OnnxModel.Create("token");
        model.Graph.Input.Add(Fixed("x", 1, 3, 8, 8));
        model.Graph.Initializer.Add(TensorValues.FromInt64s("target", [3], [1, 3, 64]));
        SmallNetworks.Add(model, "Reshape", ["x", "target"], "a");
        SmallNetworks
            .Add(model, "Concat", [SmallNetworks.Weight(model, "token", 1, 1, 64), "a"], "b")
            .WithAttribute("axis", 1);
        SmallNetworks.Add(model, "Flatten", ["b"], "c");
        SmallNetworks
            .Add(model, "Gemm", ["c", SmallNetworks.Weight(model, "fc.weight", 5, 256)], "logits")
            .WithAttribute("transB", 1);
        model.Graph.Output.Add(new ValueInfoProto { Name = "logits" });

        ImportedNetwork imported = OnnxImport.Canonicalize(model, "test");

        OnnxImport.RequireDynamicBatch(imported, "logits", "test");
    }

    [Fact]
    public void A_network_whose_images_affect_each_other_is_refused()
    {
        OnnxModel model = OnnxModel.Create("mixer");
        model.Graph.Input.Add(EdgeDeclaration.Create("x", SmallNetworks.InputShape));
        model.Graph.Initializer.Add(TensorValues.FromInt64s("axes", [1], [0]));
        SmallNetworks.Add(model, "ReduceMean", ["x", "axes"], "mean").WithAttribute("keepdims", 1L);
        SmallNetworks.Add(model, "Sub", ["x", "mean"], "logits");
        model.Graph.Output.Add(new ValueInfoProto { Name = "logits" });
        ImportedNetwork imported = OnnxImport.Canonicalize(model, "mixer.onnx");

        OnnxException error = Assert.Throws<OnnxException>(() =>
            OnnxImport.RequireDynamicBatch(imported, "logits", "mixer.onnx")
        );

        Assert.Contains(
            "two images in one batch differ from the same images alone",
            error.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_network_that_is_quantized_dynamically_is_refused_with_that_reason()
    {
        OnnxModel model = OnnxModel.Create("dynamic");
        model.Graph.Input.Add(EdgeDeclaration.Create("x", SmallNetworks.InputShape));
        NodeProto node = SmallNetworks.Add(model, "DynamicQuantizeLinear", ["x"], "bytes");
        node.Output.Add("scale");
        node.Output.Add("zero");
        SmallNetworks.Add(model, "DequantizeLinear", ["bytes", "scale", "zero"], "logits");
        model.Graph.Output.Add(new ValueInfoProto { Name = "logits" });
        ImportedNetwork imported = OnnxImport.Canonicalize(model, "dynamic.onnx");

        OnnxException error = Assert.Throws<OnnxException>(() =>
            OnnxImport.RequireDynamicBatch(imported, "logits", "dynamic.onnx")
        );

        Assert.StartsWith("it is quantized dynamically", error.Reason, StringComparison.Ordinal);
        Assert.Contains("use the float32 network", error.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, false, 18)]
    [InlineData(true, false, 18)]
    [InlineData(false, true, 18)]
    [InlineData(true, true, 13)]
    public void A_grey_network_gets_pictures_that_are_made_grey_before_it(bool isLast, bool isBytes, int opset)
    {
        OnnxModel model = OnnxModel.Create("grey");
        DataType type = isBytes ? DataType.Uint8 : DataType.Float;
        model.Graph.Input.Add(Fixed("x", isLast ? [0, 8, 8, 1] : [0, 1, 8, 8], type));
        SmallNetworks.Add(model, "Cast", ["x"], "logits").WithAttribute("to", (long)DataType.Float);
        model.Graph.Output.Add(new ValueInfoProto { Name = "logits" });
        model.Proto.OpsetImport[0].Version = opset;
        float[] images = [.. SmallNetworks.Images(2).Select(x => MathF.Floor(255 * x))];

        ImportedNetwork imported = OnnxImport.Canonicalize(model, "test");

        float[] grey = SmallNetworks.Run(imported.Model, images, 2, 3, 8, 8);
        Assert.True(imported.Input.IsGrey);
        Assert.Equal(128, grey.Length);
        for (int i = 0; i < grey.Length; i++)
        {
            float[] pixel = [.. Enumerable.Range(0, 3).Select(c => images[(i / 64 * 192) + (c * 64) + (i % 64)])];
            float expected = (0.299f * pixel[0]) + (0.587f * pixel[1]) + (0.114f * pixel[2]);
            Assert.Equal(expected, grey[i], isBytes ? 0.51 : 1e-3);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_channels_last_network_takes_channels_first_after_a_transpose_is_added(bool isBytes)
    {
        OnnxModel model = OnnxModel.Create("last");
        model.Graph.Input.Add(Fixed("x", 0, 8, 8, 3, isBytes ? DataType.Uint8 : DataType.Float));
        SmallNetworks.Add(model, "Cast", ["x"], "float").WithAttribute("to", (long)DataType.Float);
        SmallNetworks.Add(model, "Transpose", ["float"], "a").WithAttribute("perm", 0, 3, 1, 2);
        SmallNetworks.Add(model, "Conv", ["a", SmallNetworks.Weight(model, "w", 4, 3, 3, 3)], "logits");
        model.Graph.Output.Add(new ValueInfoProto { Name = "logits" });
        float[] images = [.. SmallNetworks.Images(1).Select(x => MathF.Floor(255 * x))];
        OnnxModel first = OnnxModel.Create("first");
        first.Graph.Input.Add(EdgeDeclaration.Create("x", SmallNetworks.InputShape));
        SmallNetworks.Add(first, "Conv", ["x", SmallNetworks.Weight(first, "w", 4, 3, 3, 3)], "logits");
        first.Graph.Output.Add(new ValueInfoProto { Name = "logits" });

        ImportedNetwork imported = OnnxImport.Canonicalize(model, "test");

        Assert.Equal((true, isBytes), (imported.Input.IsChannelsLast, imported.Input.IsBytes));
        Assert.Equal(
            SmallNetworks.Run(first, images, 1, 3, 8, 8),
            SmallNetworks.Run(imported.Model, images, 1, 3, 8, 8)
        );
    }

    [Fact]
    public void Open_sides_become_224_which_is_noted_or_the_given_size()
    {
        OnnxModel model = SmallNetworks.Residual();
        model.Graph.Input.Clear();
        model.Graph.Input.Add(Fixed("x", 0, 3, 0, 0));

        ImportedNetwork usual = OnnxImport.Canonicalize(model, "test");
        ImportedNetwork stated = OnnxImport.Canonicalize(model, "test", size: new ImageSize(64, 96));

        Assert.Equal([3, 224, 224], usual.InputShape);
        Assert.True(usual.Input.IsSizeAssumed);
        Assert.Contains("its open size became 224 x 224 pixels; the input transform can state one", usual.Changes);
        Assert.Equal([3, 64, 96], stated.InputShape);
        Assert.False(stated.Input.IsSizeAssumed);
    }

    [Fact]
    public void The_deepest_of_several_outputs_is_kept_without_the_inputs_of_the_others()
    {
        OnnxModel model = SmallNetworks.Residual();
        model.Graph.Input.Add(EdgeDeclaration.Create("unused", [4]));
        SmallNetworks.Add(model, "Relu", ["unused"], "second");
        model.Graph.Output.Insert(0, new ValueInfoProto { Name = "second" });

        OnnxModel regular = OnnxImport.Canonicalize(model, "test").Model;

        Assert.Equal(["logits"], regular.Graph.Output.Select(o => o.Name));
        Assert.Equal(["x"], regular.Graph.Input.Select(i => i.Name));
    }

    [Theory]
    [InlineData("no dimension is the number of channels, 3 or 1", new long[] { 1, 4, 8, 8 })]
    [InlineData("has the shape [1,3,8]", new long[] { 1, 3, 8 })]
    [InlineData("beyond the largest side of 4096 or batch of 256", new long[] { 100_000, 3, 8, 8 })]
    [InlineData("beyond the largest side of 4096 or batch of 256", new long[] { 1, 3, 100_000, 8 })]
    public void An_input_that_is_not_a_colour_image_is_refused_with_its_reason(string reason, long[] shape)
    {
        OnnxModel model = SmallNetworks.Residual();
        model.Graph.Input.Clear();
        model.Graph.Input.Add(Fixed("x", shape, DataType.Float));

        OnnxException error = Assert.Throws<OnnxException>(() => OnnxImport.Canonicalize(model, "test.onnx"));

        Assert.StartsWith("'test.onnx' cannot be used: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_input_an_old_opset_and_an_unknown_operator_are_refused_by_name()
    {
        OnnxModel two = SmallNetworks.Residual();
        two.Graph.Input.Add(EdgeDeclaration.Create("mask", [4]));
        SmallNetworks.Add(two, "Add", ["logits", "mask"], "both");
        two.Graph.Output[0].Name = "both";
        OnnxModel old = SmallNetworks.Residual();
        old.Proto.OpsetImport[0].Version = 6;
        OnnxModel custom = SmallNetworks.Residual();
        custom.Graph.Node[1].Domain = "com.example";
        custom.Graph.Node[1].Name = "third";
        custom.Proto.OpsetImport.Clear(); // a file with operators of one domain imports no ONNX operators

        Assert.Contains(
            "has 2 ('x', 'mask')",
            Assert.Throws<OnnxException>(() => OnnxImport.Canonicalize(two, "test")).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "opset 6",
            Assert.Throws<OnnxException>(() => OnnxImport.Canonicalize(old, "test")).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "'third' is the operator 'Relu' of the domain 'com.example'",
            Assert.Throws<OnnxException>(() => OnnxImport.Canonicalize(custom, "test")).Message,
            StringComparison.Ordinal
        );
    }

    private static OnnxModel Normalised(bool isTraining)
    {
        OnnxModel model = OnnxModel.Create("norm");
        model.Graph.Input.Add(EdgeDeclaration.Create("x", SmallNetworks.InputShape));
        string[] statistics = ["scale", "bias", "mean", "variance"];
        foreach (string name in statistics)
        {
            model.Graph.Initializer.Add(TensorValues.FromSingles(name, [3], [0.5f, 1, 2]));
        }

        NodeProto norm = SmallNetworks.Add(model, "BatchNormalization", ["x", .. statistics], "logits");
        if (isTraining)
        {
            norm.WithAttribute("training_mode", 1L);
            norm.Output.Add("new mean");
            norm.Output.Add("new variance");
        }

        model.Graph.Output.Add(new ValueInfoProto { Name = "logits" });
        return model;
    }

    private static OnnxModel WithReshape(long[] target, int? declaredBatch)
    {
        OnnxModel model = OnnxModel.Create("fixed");
        model.Graph.Input.Add(Fixed("x", declaredBatch ?? 0, 3, 8, 8));
        model.Graph.Initializer.Add(TensorValues.FromInt64s("target", [2], target));
        SmallNetworks.Add(model, "Conv", ["x", SmallNetworks.Weight(model, "w", 4, 3, 1, 1)], "a");
        SmallNetworks.Add(model, "Reshape", ["a", "target"], "b");
        SmallNetworks
            .Add(model, "Gemm", ["b", SmallNetworks.Weight(model, "fc.weight", 5, 256)], "logits")
            .WithAttribute("transB", 1);
        model.Graph.Output.Add(new ValueInfoProto { Name = "logits" });
        return model;
    }

    private static ValueInfoProto Fixed(string name, params long[] shape) => Fixed(name, shape, DataType.Float);

    private static ValueInfoProto Fixed(string name, long batch, long second, long third, long last, DataType type) =>
        Fixed(name, [batch, second, third, last], type);

    private static ValueInfoProto Fixed(string name, long[] shape, DataType type)
    {
        TensorShapeProto dims = new();
        dims.Dim.AddRange(
            shape.Select(d =>
                d > 0 ? new TensorShapeProto.Types.Dimension { DimValue = d } : new TensorShapeProto.Types.Dimension()
            )
        );
        return new()
        {
            Name = name,
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = dims },
            },
        };
    }
}
