using Graft.Onnx;
using Graft.Training.Bodies;
using Graft.Training.Extraction;

namespace Graft.Training.Tests.Extraction;

[Collection("torch")]
public sealed class BFloat16ChoiceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true, 0.5, true)]
    [InlineData(true, 1.0, true)] // a busy machine must not change the choice
    [InlineData(true, 1.3, true)]
    [InlineData(true, 1.6, false)]
    [InlineData(false, 1.0, false)]
    [InlineData(false, 0.8, false)]
    [InlineData(false, 0.4, true)]
    public void Only_a_clear_measurement_contradicts_the_table(bool table, double ratio, bool expected)
    {
        Assert.Equal(expected, BFloat16Choice.Decide(table, new(10, 10 * ratio, 1, 1)));
        Assert.Equal(table, BFloat16Choice.Decide(table, null));
    }

    [Fact]
    public void A_measurement_is_kept_for_each_machine()
    {
        string path = Path.Combine(_folder.Root, "new", BFloat16Choice.FileName);
        int measured = 0;
        ArithmeticSpeed Measure() => new(10, 5 + measured++, 1, 2);

        ArithmeticSpeed?[] found =
        [
            BFloat16Choice.Kept(path, "one", Measure),
            BFloat16Choice.Kept(path, "two", Measure),
            BFloat16Choice.Kept(path, "one", Measure),
        ];

        Assert.Equal([5, 6, 5], found.Select(speed => speed!.ConvolutionHalf));
        Assert.Equal(2, measured);
    }

    [Theory]
    [InlineData("one 1 2 3")]
    [InlineData("one 1 2 3 -4")]
    [InlineData("one 1 2 NaN 4")]
    [InlineData("one a b c d")]
    public void A_damaged_line_is_measured_again(string line)
    {
        string path = _folder.Write(BFloat16Choice.FileName, System.Text.Encoding.UTF8.GetBytes(line));

        ArithmeticSpeed? found = BFloat16Choice.Kept(path, "one", () => new(1, 2, 3, 4));

        Assert.Equal(new(1, 2, 3, 4), found);
        Assert.Equal(["one 1 2 3 4"], File.ReadAllLines(path));
    }

    [Fact]
    public void What_cannot_be_kept_does_not_decide()
    {
        string file = _folder.Write("file", [1]);

        Assert.Null(BFloat16Choice.Kept(Path.Combine(file, "arithmetic.txt"), "one", () => new(1, 2, 3, 4)));
    }

    [Fact]
    public void The_measurement_of_this_machine_has_plausible_times()
    {
        ArithmeticSpeed speed = ArithmeticSpeed.Measure(TimeProvider.System);

        double[] times = [speed.ConvolutionSingle, speed.ConvolutionHalf, speed.DepthwiseSingle, speed.DepthwiseHalf];
        Assert.All(times, time => Assert.InRange(time, 0.001, 10_000));
    }

    [Fact]
    public void Slow_bfloat16_leaves_float32_as_the_default()
    {
        OnnxModel body = ToyWorld.Body();
        OnnxModel depthwise = NamedBodies.Find("mobilenet_v1_025").Architecture.Build(64, classCount: 0).Model;

        Assert.Equal(Engine.OnnxRuntime, EngineSelection.Default(body, isBFloat16Fast: false));
        Assert.Equal(Engine.Torch, EngineSelection.Default(body, isBFloat16Fast: true));
        Assert.Equal(Engine.Mixed, EngineSelection.Default(depthwise, isBFloat16Fast: true));
    }
}
