using System.Diagnostics;
using Graft.Imaging;
using Graft.Prediction;
using Graft.Training.Bodies;
using Graft.Training.Run;
using Microsoft.ML.OnnxRuntime;
using Image = NetVips.Image;

namespace Graft.Bench;

/// <summary>
/// Compares `graft predict` and <see cref="Predictor"/> to ONNX Runtime alone on a decoded tensor. The programs take
/// turns, so other load on the machine affects all of them. Times are medians.
/// </summary>
internal static class PredictBench
{
    private const int Classes = 17;
    private const int ColdStarts = 15;
    private const int Rounds = 5; // over the images
    private const int MaxImages = 60;

    /// <param name="model">An exported ONNX file.</param>
    /// <param name="folder">A folder with images at any depth.</param>
    /// <param name="program">The `graft` to start. Null: this checkout's Release build.</param>
    public static void Run(string model, string folder, string? program)
    {
        string[] images =
        [
            .. Directory
                .EnumerateFiles(folder, "*.*", SearchOption.AllDirectories)
                .Where(file => Path.GetExtension(file) is ".jpg" or ".jpeg" or ".png")
                .Order(StringComparer.Ordinal)
                .Take(MaxImages),
        ];
        using TemporaryFolder weights = new();
        using UserNet net = UserNet.Of(TorchUser.BodyName, NamedBodies.Load(TorchUser.BodyName).Model);
        using TorchUser user = new(net, null, Classes);
        user.Save(weights.Root);
        Cold(program ?? GraftProgram.Built, model, images[0], weights.Root);
        Warm(model, images, user);
    }

    /// <summary>(b): classifies one image with TorchSharp.</summary>
    /// <param name="weights">Folder that <see cref="TorchUser.Save"/> wrote.</param>
    /// <param name="image">Path of the image.</param>
    public static void OfTorchSharp(string weights, string image)
    {
        using UserNet net = UserNet.Of(TorchUser.BodyName, null);
        using TorchUser user = new(net, null, Classes);
        user.Load(weights);
        Console.WriteLine(user.Predict(File.ReadAllBytes(image)));
    }

    /// <summary>
    /// The least work of a .NET program for one answer: libvips squeezes the picture to the input's size, ONNX Runtime
    /// computes, and the largest value is the answer.
    /// </summary>
    public static void Plain(string model, string image)
    {
        using InferenceSession session = new(model);
        int[] shape = session.InputMetadata.Values.First().Dimensions;
        using Image picture = Image.Thumbnail(image, shape[3], height: shape[2], size: NetVips.Enums.Size.Force);
        byte[] pixels = picture.WriteToMemory<byte>(); // [H,W,3]
        float[] input = new float[pixels.Length]; // [1,3,H,W]
        int plane = pixels.Length / 3;
        for (int i = 0; i < pixels.Length; i++)
        {
            input[(i % 3 * plane) + (i / 3)] = pixels[i];
        }

        Console.WriteLine(Answer(session, input, shape));
    }

    private static void Cold(string program, string model, string image, string weights)
    {
        (List<double> graft, List<double> plain, List<double> user, List<double> empty) = ([], [], [], []);
        string self = Environment.ProcessPath!;
        string[] command =
            Path.GetFileNameWithoutExtension(self) == "dotnet" ? [typeof(PredictBench).Assembly.Location] : [];
        for (int i = 0; i < ColdStarts; i++)
        {
            graft.Add(GraftProgram.Seconds(program, ["predict", model, image]));
            plain.Add(GraftProgram.Seconds(self, [.. command, "predict-plain", model, image]));
            user.Add(GraftProgram.Seconds(self, [.. command, "predict-torchsharp", weights, image]));
            empty.Add(GraftProgram.Seconds(program, ["--version"]));
        }

        Console.WriteLine(
            $"cold start, process start to answer, median of {ColdStarts}: graft predict {Median(graft):0.00} s "
                + $"(fastest {graft.Min():0.00}), ONNX Runtime by hand {Median(plain):0.00} s "
                + $"(fastest {plain.Min():0.00}), graft --version {Median(empty):0.00} s; "
                + $"graft / by hand {Median(graft) / Median(plain):0.00}; "
                + $"(b) TorchSharp {Median(user):0.00} s, {Median(user) / Median(graft):0.0} times as long as graft"
        );
        PyTorch.ColdStart(image, ColdStarts, Median(graft));
    }

    private static void Warm(string path, string[] files, TorchUser user)
    {
        double last = 0; // the Predictor with one thread per core, in seconds
        foreach (int threads in (int[])[1, 0])
        {
            // before ONNX Runtime starts its threads, which spin while they wait for work
            double torchSharp = Warm(user, files, threads);
            using Predictor predictor = Predictor.Load(path, new() { Threads = threads });
            using SessionOptions options = new() { IntraOpNumThreads = threads, InterOpNumThreads = 1 };
            options.AddSessionConfigEntry("session.set_denormal_as_zero", "1");
            using InferenceSession session = new(path, options);
            Preprocessing recipe = predictor.Card.Preprocessing;
            Preprocessor preprocessor = new(recipe);
            int[] shape = [1, 3, recipe.Height, recipe.Width];
            byte[][] images = [.. files.Select(File.ReadAllBytes)];
            float[][] tensors =
            [
                .. images.Select(bytes => Array.ConvertAll(preprocessor.Render(bytes, "image"), pixel => (float)pixel)),
            ];
            (List<double> whole, List<double> decode, List<double> network) = ([], [], []);
            for (int i = -images.Length; i < Rounds * images.Length; i++) // the first round warms up
            {
                int image = (i + images.Length) % images.Length;
                double[] times =
                [
                    Time(() => predictor.Predict(images[image])),
                    Time(() => preprocessor.Render(images[image], "image")),
                    Time(() => Answer(session, tensors[image], shape)),
                ];
                if (i >= 0)
                {
                    whole.Add(times[0]);
                    decode.Add(times[1]);
                    network.Add(times[2]);
                }
            }

            last = Median(whole);
            double ratio = last / (Median(decode) + Median(network));
            double ratioOfMeans = whole.Average() / (decode.Average() + network.Average());
            Console.WriteLine(
                $"warm, {(threads == 0 ? "one thread per core" : "one thread")}, median of {whole.Count}: "
                    + $"Predictor {1000 * last:0.0} ms; decode {1000 * Median(decode):0.0} ms + "
                    + $"ONNX Runtime alone {1000 * Median(network):0.0} ms; "
                    + $"ratio {ratio:0.00} (of means {ratioOfMeans:0.00}); "
                    + $"(b) TorchSharp at 224 pixels {1000 * torchSharp:0.0} ms, "
                    + $"{torchSharp / last:0.0} times as long as the Predictor at {recipe.Height}"
            );
        }

        PyTorch.Predict(files[0], Rounds * files.Length, last);
    }

    // Median seconds of TorchSharp.
    private static double Warm(TorchUser user, string[] files, int threads)
    {
        TorchSetup.UseThreads(threads);
        byte[][] images = [.. files.Select(File.ReadAllBytes)];
        List<double> seconds = [];
        for (int i = -images.Length; i < Rounds * images.Length; i++)
        {
            double time = Time(() => user.Predict(images[(i + images.Length) % images.Length]));
            if (i >= 0)
            {
                seconds.Add(time);
            }
        }

        return Median(seconds);
    }

    /// <summary>Runs a network and returns the number of the likeliest class.</summary>
    internal static int Answer(InferenceSession session, float[] input, int[] shape)
    {
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(
            input,
            Array.ConvertAll(shape, d => Math.Max(1L, d))
        );
        using Microsoft.ML.OnnxRuntime.RunOptions run = new();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(
            run,
            session.InputNames,
            [value],
            session.OutputNames
        );
        ReadOnlySpan<float> probabilities = outputs[0].GetTensorDataAsSpan<float>();
        int best = 0;
        for (int i = 1; i < probabilities.Length; i++)
        {
            best = probabilities[i] > probabilities[best] ? i : best;
        }

        return best;
    }

    /// <summary>Seconds that some work takes.</summary>
    internal static double Time(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    internal static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
