using System.Text.Json;
using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Onnx;
using Graft.Torch;
using Graft.Training.Bodies;
using Graft.Training.Extraction;
using Graft.Training.Run;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Doctor;

/// <summary>One way of computing a network.</summary>
/// <param name="Name">Name of the library.</param>
/// <param name="Run">Computes logits from RGB pixels of 0 to 255, [1,3,H,W].</param>
/// <param name="Tolerance">Largest difference of a logit that passes.</param>
internal sealed record CheckedEngine(
    string Name,
    Func<float[], float[]> Run,
    double Tolerance = SelfCheck.LogitTolerance
);

/// <summary>
/// Runs the embedded body on an embedded picture with each engine and compares with stored answers. A processor or
/// native library that computes wrongly reports no error by itself; it produces bad models.
/// </summary>
internal static class SelfCheck
{
    /// <summary>
    /// Largest difference of a block's mean, in levels of 255. Decoders round differently, by less than one level.
    /// </summary>
    internal const double PixelTolerance = 1;

    /// <summary>
    /// Largest difference of a logit; the logits lie between -3 and 10. Another order of operations in float32 stays
    /// below 0.001; wrong code does not.
    /// </summary>
    internal const double LogitTolerance = 0.02;

    /// <summary>
    /// Largest difference of a logit in bfloat16, which has 8 bits of mantissa. 0.4 is usual. Wrong code differs more
    /// or gives NaN.
    /// </summary>
    internal const double HalfTolerance = 1.5;

    private const int BlocksPerSide = 8;

    /// <summary>Checks decoding and each engine.</summary>
    /// <exception cref="GraftException">An engine computes wrongly; the message names it.</exception>
    public static IReadOnlyList<EngineCheck> Run(TimeProvider time)
    {
        (OnnxModel model, Preprocessing recipe) = Network();
        using OnnxSession session = new(model, "the embedded body", threads: 1);
        using TorchGraph graph = new(model);
        using TorchFrozenNetwork? half = Processor.HasBFloat16 ? new(model, recipe.Height, recipe.Width) : null;
        List<CheckedEngine> engines =
        [
            new("ONNX Runtime", pixels => session.Run(pixels, 1, 3, recipe.Height, recipe.Width)[0].Singles!),
            new("libtorch", pixels => OnTorch(graph, pixels, recipe)),
        ];
        if (half is not null)
        {
            engines.Add(new("libtorch in bfloat16", pixels => half.Run(pixels, 1)[0], HalfTolerance));
        }

        return Run(recipe, engines, time);
    }

    /// <inheritdoc cref="Run(TimeProvider)"/>
    /// <param name="recipe">Input transform of the embedded network.</param>
    /// <param name="engines">The engines to check.</param>
    /// <param name="time">Measures the duration of each check.</param>
    internal static IReadOnlyList<EngineCheck> Run(
        Preprocessing recipe,
        IReadOnlyList<CheckedEngine> engines,
        TimeProvider time
    )
    {
        Answers answers = Stored();
        long start = time.GetTimestamp();
        byte[] planes = new Preprocessor(recipe).Render(Resource("check.picture.jpg"), "the embedded picture");
        double pixels = Difference(BlockMeans(planes, recipe), answers.Blocks);
        List<EngineCheck> checks = [new("libvips", pixels, PixelTolerance, time.GetElapsedTime(start).TotalSeconds)];
        Require(
            pixels <= PixelTolerance,
            "libvips",
            $"it decodes the embedded picture wrongly (levels differ by {pixels:0.##}; the limit is {PixelTolerance})",
            "NetVips.Native"
        );
        foreach (CheckedEngine engine in engines)
        {
            start = time.GetTimestamp();
            double difference = Difference(
                FaultPoint.Corrupt(engine.Name, engine.Run(Array.ConvertAll(planes, p => (float)p))),
                answers.Logits
            );
            checks.Add(new(engine.Name, difference, engine.Tolerance, time.GetElapsedTime(start).TotalSeconds));
            Require(
                difference <= engine.Tolerance,
                engine.Name,
                $"it computes the embedded network wrongly on this machine (logits differ by {difference:0.###}; the "
                    + $"limit is {engine.Tolerance}), and its models would be useless",
                engine.Name.StartsWith("libtorch", StringComparison.Ordinal) ? "TorchSharp" : "Microsoft.ML.OnnxRuntime"
            );
        }

        return checks;
    }

    /// <summary>The content of Reference/answers.json, computed on this machine. Renews that file.</summary>
    internal static string Compute()
    {
        (OnnxModel model, Preprocessing recipe) = Network();
        byte[] planes = new Preprocessor(recipe).Render(Resource("check.picture.jpg"), "the embedded picture");
        using OnnxSession session = new(model, "the embedded body", threads: 1);
        float[] logits = session
            .Run(Array.ConvertAll(planes, p => (float)p), 1, 3, recipe.Height, recipe.Width)[0]
            .Singles!;
        Answers answers = new(
            [.. BlockMeans(planes, recipe).Select(mean => MathF.Round(mean, 2))],
            [.. logits.Select(logit => MathF.Round(logit, 5))]
        );
        return JsonSerializer.Serialize(answers, Compact);
    }

    /// <summary>The embedded network with normalisation in front, and its input transform.</summary>
    internal static (OnnxModel Model, Preprocessing Recipe) Network()
    {
        Body body = NamedBodies.Load(BodySource.DefaultName, null);
        return (Normalisation.Prepend(body.Model, body.Card.Preprocessing), body.Card.Preprocessing);
    }

    private static JsonSerializerOptions Compact { get; } = new(TrainingRun.Json) { WriteIndented = false };

    private static float[] OnTorch(TorchGraph graph, float[] pixels, Preprocessing recipe)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = inference_mode();
        Tensor logits = graph.Forward(AlignedTensor.Of(pixels, [1, 3, recipe.Height, recipe.Width])); // [1,C]
        return [.. logits.contiguous().data<float>()];
    }

    private static float[] BlockMeans(byte[] planes, Preprocessing recipe)
    {
        float[] means = new float[3 * BlocksPerSide * BlocksPerSide];
        (int height, int width) = (recipe.Height / BlocksPerSide, recipe.Width / BlocksPerSide);
        for (int i = 0; i < planes.Length; i++)
        {
            (int channel, int y, int x) = (
                i / (recipe.Height * recipe.Width),
                i / recipe.Width % recipe.Height,
                i % recipe.Width
            );
            int block = (((channel * BlocksPerSide) + (y / height)) * BlocksPerSide) + (x / width);
            means[block] += planes[i] / (float)(height * width);
        }

        return means;
    }

    // NaN if a value is NaN or one is missing: no comparison accepts it.
    private static double Difference(float[] values, float[] expected) =>
        values.Length != expected.Length
            ? double.NaN
            : values.Zip(expected, (a, b) => Math.Abs((double)a - b)).Aggregate(0.0, Math.Max);

    private static void Require(bool isRight, string engine, string what, string package)
    {
        if (!isRight)
        {
            throw new GraftException(
                $"'{engine}' cannot be used: {what}; try another version of the package {package}, or another machine"
            );
        }
    }

    private static Answers Stored() =>
        JsonSerializer.Deserialize<Answers>(Resource("check.answers.json"), TrainingRun.Json)!;

    private static byte[] Resource(string name)
    {
        using Stream stream = typeof(SelfCheck).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource {name} is not in this build.");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <param name="Blocks">[3,8,8] means of the picture's blocks in input size, 0 to 255.</param>
    /// <param name="Logits">[1000] logits of the network.</param>
    private sealed record Answers(float[] Blocks, float[] Logits);
}
