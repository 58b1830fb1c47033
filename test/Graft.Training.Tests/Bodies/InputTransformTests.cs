using Graft.Imaging;
using Graft.Onnx;
using Graft.Training.Bodies;

namespace Graft.Training.Tests.Bodies;

public sealed class InputTransformTests : IDisposable
{
    private const double Rounding = 1e-3; // float32 of 255 times a mean

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("sub 0.485 0.456 0.406, div 0.229 0.224 0.225", 255, ChannelOrder.Rgb)] // ImageNet's, of 0..1
    [InlineData("sub 123.675 116.28 103.53, div 58.395 57.12 57.375", 1, ChannelOrder.Rgb)] // the same, of 0..255
    [InlineData("div 127.5, sub 1", 1, ChannelOrder.Rgb)] // -1..1, of 0..255
    [InlineData("mul 2, add -1", 255, ChannelOrder.Rgb)] // -1..1, of 0..1
    [InlineData("mul 0.00392156862", 1, ChannelOrder.Rgb)] // 0..1, of 0..255
    [InlineData("sub 103.939 116.779 123.68", 1, ChannelOrder.Bgr)] // Caffe's
    [InlineData("mul 0.00392156862, sub 0.406 0.456 0.485, div 0.225 0.224 0.229", 1, ChannelOrder.Bgr)]
    public void The_normalisation_at_a_networks_beginning_tells_its_preprocessing(
        string steps,
        float divisor,
        object order
    )
    {
        (Preprocessing Preprocessing, string Reason)? found = InputTransformInference.Infer(
            OnnxImport.Canonicalize(Beginning(steps), "test")
        );

        Preprocessing preprocessing = Assert.NotNull(found).Preprocessing;
        Assert.Equal(
            (new PerChannel(0, 0, 0), new PerChannel(divisor, divisor, divisor), (ChannelOrder)order),
            (preprocessing.Mean, preprocessing.Deviation, preprocessing.Order)
        );
        Assert.Equal((32, 32), (preprocessing.Height, preprocessing.Width));
    }

    [Theory]
    [InlineData("")]
    [InlineData("mul 17")] // not a scale for pixels
    [InlineData("add 0.1 0.2")] // not three channels
    public void Another_beginning_tells_no_preprocessing(string steps) =>
        Assert.Null(InputTransformInference.Infer(OnnxImport.Canonicalize(Beginning(steps), "test")));

    [Fact]
    public void A_file_can_state_every_field()
    {
        string path = _folder.Write(
            "transform.json",
            """
            {
                "size": [192, 256], "resize": 288, "mean": [0.5, 0.25, 0.125], "std": [0.5, 0.25, 0.125],
                "order": "bgr", "layout": "nhwc", "interpolation": "bicubic"
            }
            """
        );

        InputTransform transform = InputTransform.Parse(path);

        Preprocessing made = transform.ToPreprocessing(192, 256);
        Assert.Equal((true, new ImageSize(192, 256)), (transform.IsChannelsLast, transform.InputSize));
        Assert.Equal(
            (ChannelOrder.Bgr, Interpolation.Bicubic, 288, 256, 192),
            (made.Order, made.Interpolation, made.ResizeShorter, made.Width, made.Height)
        );
        Assert.Equal(0.25 * 255, made.Mean.Green, Rounding);
        Assert.Equal(0.125 * 255, made.Deviation.Blue, Rounding);
    }

    [Fact]
    public void A_file_may_be_UTF16_and_no_text_without_an_encoding()
    {
        byte[] wide = [0xFF, 0xFE, .. System.Text.Encoding.Unicode.GetBytes("""{ "size": 96 }""")];

        InputTransform transform = InputTransform.Parse(_folder.Write("wide.json", wide));
        GraftException error = Assert.Throws<GraftException>(() =>
            InputTransform.Parse(_folder.Write("odd.json", [(byte)'{', 0xFC, (byte)'}']))
        );

        Assert.Equal(new ImageSize(96, 96), transform.InputSize);
        Assert.Contains("line 1, byte 2 (0xFC) is not UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "mean": [123.7, 116.8, 103.9] }""", "range")]
    [InlineData("""{ "size": 3 }""", "8 to 4096")]
    [InlineData("""{ "sise": 224 }""", "sise")]
    [InlineData("""{ "mean": [1, 1] }""", "three numbers")]
    [InlineData("""{ "resize": 200 }""", "a resize of 200 is shorter than the input of 224 x 224")]
    [InlineData("""{ "fit": "stretch" }""", "fit is crop, pad or squash")]
    [InlineData("""{ "fit": "squash", "resize": 256 }""", "resize has no effect where fit is squash")]
    [InlineData("""{ "fit": "pad", "resize": 256 }""", "resize has no effect where fit is pad")]
    [InlineData("""{ "order": "grb" }""", "rgb or bgr")]
    [InlineData("""{ "std": [0, 1, 1] }""", "above 0")]
    [InlineData("""[ 1 ]""", "not an input transform")]
    [InlineData("""null""", "not an input transform")]
    public void A_file_with_a_wrong_value_is_refused_and_the_message_names_the_field(string json, string reason)
    {
        string path = _folder.Write("transform.json", json);

        string message = Assert
            .ThrowsAny<GraftException>(() => InputTransform.Parse(path).ToPreprocessing(224, 224))
            .Message;

        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "mean": [0.5], "std": [0.25] }""", 48, 192, ResizeRule.Squash)]
    [InlineData("""{ "mean": [0.5], "std": [0.25], "resize": 200 }""", 48, 192, ResizeRule.ShorterSideThenCrop)]
    [InlineData("""{ "mean": [0.5], "std": [0.25], "fit": "crop" }""", 48, 192, ResizeRule.ShorterSideThenCrop)]
    [InlineData("""{ "mean": [0.5], "std": [0.25] }""", 144, 192, ResizeRule.ShorterSideThenCrop)]
    [InlineData("""{ "mean": [0.5], "std": [0.25], "fit": "Squash" }""", 144, 192, ResizeRule.Squash)]
    [InlineData("""{ "mean": [0.5], "std": [0.25], "fit": "pad" }""", 48, 192, ResizeRule.Pad)]
    public void A_long_input_shows_the_whole_picture_unless_a_crop_is_stated(
        string json,
        int height,
        int width,
        object rule
    )
    {
        string path = _folder.Write("transform.json", json);

        Preprocessing made = InputTransform.Parse(path).ToPreprocessing(height, width);

        Assert.Equal(((ResizeRule)rule, height, width), (made.Resize, made.Height, made.Width));
        Assert.Equal((new PerChannel(127.5f, 127.5f, 127.5f), 63.75f), (made.Mean, made.Deviation.Red));
        Assert.Equal(ResizeRule.Squash, InputTransform.Parse("half").ToPreprocessing(48, 192).Resize);
    }

    [Fact]
    public void A_grey_network_has_one_mean_and_deviation_for_all_colours()
    {
        Preprocessing grey = InputTransform.Parse("caffe").ToPreprocessing(32, 32, isGrey: true);

        Assert.Equal((ChannelOrder.Rgb, new PerChannel(1, 1, 1)), (grey.Order, grey.Deviation));
        Assert.Equal((103.939 + 116.779 + 123.68) / 3, grey.Mean.Green, Rounding);
        Assert.Equal(grey.Mean.Red, grey.Mean.Blue);
    }

    [Fact]
    public void A_mistyped_name_gets_a_suggestion_and_the_list_of_names()
    {
        string message = Assert.Throws<GraftException>(() => InputTransform.Parse("imagnet")).Message;

        Assert.Contains("did you mean 'imagenet'?", message, StringComparison.Ordinal);
        Assert.Contains("zero-to-one", message, StringComparison.Ordinal);
    }

    // The toy network behind steps such as "sub 1 2 3".
    private static OnnxModel Beginning(string steps)
    {
        OnnxModel model = ToyWorld.Body();
        string edge = "x";
        int at = 0;
        foreach (
            string[] words in steps
                .Split(',', StringSplitOptions.RemoveEmptyEntries)
                .Select(step => step.Trim().Split(' '))
        )
        {
            float[] values = [.. words.Skip(1).Select(float.Parse)];
            long[] shape =
                values.Length == 1 ? []
                : values.Length == 3 ? [1, 3, 1, 1]
                : [values.Length, 1, 1, 1];
            model.Graph.Initializer.Add(TensorValues.FromSingles($"constant{at}", shape, values));
            string operation = char.ToUpperInvariant(words[0][0]) + words[0][1..];
            model.Graph.Node.Insert(
                at,
                new NodeProto
                {
                    OpType = operation,
                    Input = { edge, $"constant{at}" },
                    Output = { $"step{at}" },
                }
            );
            edge = $"step{at++}";
        }

        model.Graph.Node[at].Input[0] = edge;
        return model;
    }
}
