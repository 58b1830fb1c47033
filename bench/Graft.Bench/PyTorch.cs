using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Graft.Imaging;

namespace Graft.Bench;

/// <summary>
/// (c) of the comparisons: runs bench/pytorch.py if a python3 with PyTorch is installed (Debian: python3-torch,
/// python3-pil).
/// </summary>
internal static partial class PyTorch
{
    /// <summary>Side of the images in pixels.</summary>
    public const int Side = 224;

    /// <summary>The bodies that the script knows, and where it begins to train them, as in --train.</summary>
    public static readonly IReadOnlyDictionary<string, string> Edges = new Dictionary<string, string>
    {
        ["efficientnet_lite0"] = "blocks.5.1",
        ["vgg16"] = "features.23",
    };

    private const string Script = "bench/pytorch.py";

    // The second is Debian's own, which another installation may hide.
    private static readonly string[] s_programs = ["python3", "/usr/bin/python3"];
    private static readonly Lazy<string?> s_program = new(() =>
        s_programs.FirstOrDefault(program =>
            Start(program, ["-c", "import importlib.util as u, sys; sys.exit(u.find_spec('torch') is None)"], _ => { })
            == 0
        )
    );

    /// <summary>
    /// Prints images per second for each memory layout, the ratio to (b), and how many times as fast Graft is.
    /// </summary>
    /// <param name="what">prefix or step.</param>
    /// <param name="body">Name of the body.</param>
    /// <param name="weights">A safetensors file. Null: the embedded weights.</param>
    /// <param name="rounds">Number of rounds.</param>
    /// <param name="user">Images per second of (b).</param>
    /// <param name="graft">Images per second of Graft.</param>
    public static void Compare(string what, string body, string? weights, int rounds, double user, double graft) =>
        Speeds([what, body, weights ?? Embedded(body), $"{rounds}"], user, graft);

    /// <summary>Prints the speed of decoding with Pillow.</summary>
    /// <param name="images">A CSV file.</param>
    /// <param name="recipe">The input transform.</param>
    /// <param name="count">Number of images.</param>
    /// <param name="rounds">Number of rounds.</param>
    /// <param name="user">Images per second of (b).</param>
    /// <param name="graft">Images per second of Graft.</param>
    public static void Decode(string images, Preprocessing recipe, int count, int rounds, double user, double graft) =>
        Speeds(["decode", images, $"{recipe.ResizeShorter}", $"{recipe.Width}", $"{count}", $"{rounds}"], user, graft);

    /// <summary>Prints the time of features and a linear classifier, and Graft's share of it.</summary>
    /// <param name="images">A CSV file with parts.</param>
    /// <param name="first">Seconds of Graft with an empty cache.</param>
    /// <param name="again">Seconds of Graft with a filled cache.</param>
    public static void Probe(string images, double first, double again) =>
        Run(
            ["probe", images, Embedded(TorchUser.BodyName)],
            (line, seconds) =>
                Console.WriteLine(
                    $"{line}; graft's first probe took {first / seconds:0.00} of that time, "
                        + $"the next {again / seconds:0.00}"
                ),
            Seconds()
        );

    /// <summary>Prints the time of features and scikit-learn's logistic regression, and Graft's share of it.</summary>
    /// <param name="images">A CSV file with parts.</param>
    /// <param name="graft">Seconds of Graft.</param>
    public static void ScikitLearn(string images, double graft) =>
        Run(
            ["scikit", images, Embedded(TorchUser.BodyName)],
            (line, seconds) => Console.WriteLine($"{line}; graft took {graft / seconds:0.00} of that time"),
            Seconds()
        );

    /// <summary>Prints the time of a process that classifies one image.</summary>
    /// <param name="image">Path of the image.</param>
    /// <param name="count">Number of processes.</param>
    /// <param name="graft">Seconds of `graft predict`.</param>
    public static void ColdStart(string image, int count, double graft)
    {
        List<double> seconds = [];
        for (int i = 0; i < count; i++)
        {
            Stopwatch watch = Stopwatch.StartNew();
            Run(
                ["predict", Embedded(TorchUser.BodyName), image, "0"],
                (_, _) => seconds.Add(watch.Elapsed.TotalSeconds),
                Milliseconds()
            );
        }

        if (seconds.Count > 0)
        {
            double median = seconds.Order().ElementAt(seconds.Count / 2);
            Console.WriteLine(
                $"(c) PyTorch, cold start, median of {count}: {median:0.00} s, "
                    + $"{median / graft:0.0} times as long as graft"
            );
        }
    }

    /// <summary>Prints the time of an answer of a running process.</summary>
    /// <param name="image">Path of the image.</param>
    /// <param name="count">Number of answers.</param>
    /// <param name="graft">Seconds of an answer by Graft.</param>
    public static void Predict(string image, int count, double graft) =>
        Run(
            ["predict", Embedded(TorchUser.BodyName), image, $"{count}"],
            (line, milliseconds) =>
                Console.WriteLine(
                    $"{line}: {milliseconds:0.0} ms, {milliseconds / 1000 / graft:0.0} times as long as the Predictor"
                ),
            Milliseconds()
        );

    /// <summary>Prints the time of fine-tuning all layers after each epoch, and Graft's share of it.</summary>
    /// <param name="images">A CSV file with parts.</param>
    /// <param name="epochs">Number of epochs.</param>
    /// <param name="graft">Seconds of Graft's training.</param>
    /// <param name="curve">Receives the accuracy after each epoch.</param>
    public static void FineTune(string images, int epochs, double graft, AccuracyCurve curve) =>
        Run(
            ["fine-tune", images, Embedded(TorchUser.BodyName), $"{epochs}"],
            (line, seconds) =>
            {
                double accuracy = double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
                curve.Add("(c) PyTorch", seconds, accuracy);
                Console.WriteLine($"{line}; graft took {graft / seconds:0.00} of that time");
            },
            Seconds()
        );

    private static void Speeds(string[] arguments, double user, double graft) =>
        Run(
            arguments,
            (name, speed) =>
                Console.WriteLine(
                    $"{name,-66} {speed,8:0.0} images/s {speed / user,7:0.00} x; "
                        + $"Graft {graft / speed:0.0} times as fast"
                ),
            ImagesPerSecond()
        );

    private static void Run(string[] arguments, Action<string, double> use, Regex number)
    {
        if (s_program.Value is not string program)
        {
            Console.WriteLine($"(c) PyTorch is skipped: {string.Join(" and ", s_programs)} have no module torch");
            return;
        }

        int code = Start(program, [Script, .. arguments], line =>
        {
            if (number.Match(line) is { Success: true } found)
            {
                use(
                    line[..found.Groups["end"].Index],
                    double.Parse(found.Groups["number"].Value, CultureInfo.InvariantCulture)
                );
            }
        });
        if (code != 0)
        {
            throw new InvalidOperationException($"{program} {Script} exited with {code}");
        }
    }

    // Its standard error goes to the console.
    private static int Start(string program, string[] arguments, Action<string> line)
    {
        try
        {
            using Process process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true }
            )!;
            while (process.StandardOutput.ReadLine() is string printed)
            {
                line(printed);
            }

            process.WaitForExit();
            return process.ExitCode;
        }
        catch (Win32Exception)
        {
            return -1; // the program does not exist
        }
    }

    private static string Embedded(string body) =>
        Path.Combine("src", "Graft.Training", "Bodies", "Weights", $"{body}.fp16.safetensors");

    [GeneratedRegex(@"(?<end>: )(?<number>[\d.]+) images/s")]
    private static partial Regex ImagesPerSecond();

    [GeneratedRegex(@"(?<end>: )(?<number>[\d.]+) ms")]
    private static partial Regex Milliseconds();

    [GeneratedRegex(@"(?<number>[\d.]+) s, accuracy [\d.]+(?<end>)")]
    private static partial Regex Seconds();
}
