namespace Graft.Cli.Tests;

public sealed class ExportVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("export m.onnx", "'--out' is missing: name the file to write")]
    [InlineData("export m.onnx --out o.onnx --max-loss 2", "'--max-loss' cannot be 2: it must lie between 0 and 1")]
    [InlineData("export m.onnx --out o.onnx --weight-bits 6", "'--weight-bits' cannot be 6: it is 7 or 8")]
    [InlineData("export m.onnx --out o.onnx --precision int7", "'--precision' cannot be 'int7': did you mean 'int8'?")]
    [InlineData("export m.onnx --out m.onnx", "'--out' cannot be 'm.onnx': that is the model itself")]
    public void What_cannot_be_understood_is_named(string line, string message)
    {
        Outcome outcome = Cli.Run(line.Split(' '));

        Assert.Equal((ExitCode.BadUsage, $"graft: {message}"), (outcome.Code, outcome.ErrorLines[0]));
    }

    [Fact]
    public void A_model_outside_a_run_needs_its_images()
    {
        string model = _folder.Write("m.onnx", [1]);

        Outcome outcome = Cli.Run("export", model, "--out", model + "8");

        Assert.Equal(ExitCode.BadUsage, outcome.Code);
        Assert.EndsWith(
            "lies in no run: name the images that it was trained on with '--images'",
            outcome.ErrorLines[0],
            StringComparison.Ordinal
        );
    }
}
