using Graft.Imaging;
using Graft.Onnx;
using Graft.Training.Doctor;
using Graft.Training.Extraction;

namespace Graft.Training.Tests.Doctor;

[Collection("torch")]
public sealed class SelfCheckTests
{
    [Fact]
    public void The_stored_answers_are_those_of_this_build()
    {
        string path = Path.Combine(SharedData.Root, "src", "Graft.Training", "Doctor", "Reference", "answers.json");
        if (Environment.GetEnvironmentVariable("GRAFT_REWRITE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(path, SelfCheck.Compute() + "\n");
        }

        IReadOnlyList<EngineCheck> checks = SelfCheck.Run(TimeProvider.System);

        string[] engines =
        [
            "libvips",
            "ONNX Runtime",
            "libtorch",
            .. Processor.HasBFloat16 ? ["libtorch in bfloat16"] : Array.Empty<string>(),
        ];
        Assert.Equal(engines, checks.Select(check => check.Engine));
        Assert.All(checks.Skip(1).Take(2), check => Assert.InRange(check.Difference, 0, SelfCheck.LogitTolerance / 10));
        Assert.All(checks.Skip(3), check =>
            Assert.InRange(check.Difference, SelfCheck.LogitTolerance, SelfCheck.HalfTolerance / 2)
        ); // rounded, which shows that it is not float32
    }

    [Theory]
    [InlineData("a kernel with one wrong sign")]
    [InlineData("not a number")]
    [InlineData("one class missing")]
    [InlineData("zeros")]
    public void An_engine_that_computes_wrongly_is_named_in_one_line(string fault)
    {
        (OnnxModel model, Preprocessing recipe) = SelfCheck.Network();
        if (fault.StartsWith("a kernel", StringComparison.Ordinal))
        {
            TensorProto kernel = model.Graph.Initializer.First(tensor => tensor.Dims.Count == 4);
            float[] values = TensorValues.ToSingles(kernel);
            values[Array.IndexOf(values, values.MaxBy(Math.Abs))] *= -1;
            model.Graph.Initializer[model.Graph.Initializer.IndexOf(kernel)] = TensorValues.FromSingles(
                kernel.Name,
                [.. kernel.Dims],
                values
            );
        }

        using OnnxSession session = new(model, "wrong", threads: 1);
        float[] Wrong(float[] pixels)
        {
            float[] logits = session.Run(pixels, 1, 3, recipe.Height, recipe.Width)[0].Singles!;
            logits[7] = fault == "not a number" ? float.NaN : logits[7];
            return fault switch
            {
                "one class missing" => logits[1..],
                "zeros" => new float[logits.Length],
                _ => logits,
            };
        }

        GraftException error = Assert.Throws<GraftException>(() =>
            SelfCheck.Run(recipe, [new("libtorch", Wrong)], TimeProvider.System)
        );

        Assert.StartsWith(
            "'libtorch' cannot be used: it computes the embedded network wrongly",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain('\n', error.Message);
    }
}
