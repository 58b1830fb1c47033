using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Graft.Imaging;

namespace Graft.Bench;

/// <summary>
/// (c) of the comparisons: bench/pytorch.py, in the same run, where a python3 with PyTorch is installed (Debian:
/// python3-torch, python3-pil).
/// </summary>
internal static partial class PyTorch
{
    /// <summary>Of the images, in pixels.</summary>
    public const int Side = 224;

    /// <summary>The bodies that the script knows, and from where on it trains them, as --train takes it.</summary>
    public static readonly IReadOnlyDictionary<string, string> Edges = new Dictionary<string, string>
    {
        ["efficientnet_lite0"] = "blocks.5.1",
        ["vgg16"] = "features.23",
    };

    private const string Script = "bench/pytorch.py";

    // the second: Debian's own, where another one comes first
    private static readonly string[] s_programs = ["python3", "/usr/bin/python3"];
    private static readonly Lazy<string?> s_program = new(() =>
        s_programs.FirstOrDefault(program =>
            Start(program, ["-c", "import importlib.util as u, sys; sys.exit(u.find_spec('torch') is None)"], _ => { })
            == 0
        )
    );

    /// <summary>
    /// Images a second of one of the script's measurements, layout by layout, printed as multiples of (b) and with how
    /// many times as fast Graft is.
    /// </summary>
    /// <param name="what">prefix or step.</param>
    /// <param name="weights">A .safetensors file; null: the embedded ones.</param>
    /// <param name="user">Images a second of (b).</param>
    /// <param name="graft">Images a second of Graft.</param>
    public static void Compare(string what, string body, string? weights, int rounds, double user, double graft) =>
        Speeds([what, body, weights ?? Embedded(body), $"{rounds}"], user, graft);

    /// <summary>Decoding by Pillow.</summary>
    /// <param name="images">A CSV.</param>
    /// <param name="most">Images.</param>
    /// <param name="user">Images a second of (b).</param>
    /// <param name="graft">Images a second of Graft.</param>
    public static void Decode(string images, Preprocessing recipe, int most, int rounds, double user, double graft) =>
        Speeds(["decode", images, $"{recipe.ResizeShorter}", $"{recipe.Width}", $"{most}", $"{rounds}"], user, graft);

    /// <summary>Features and a linear classifier, with Graft's share of the time.</summary>
    /// <param name="images">A CSV with parts.</param>
    /// <param name="first">Seconds of Graft with an empty cache.</param>
    /// <param name="again">Seconds of Graft with what that left.</param>
    public static void Probe(string images, double first, double again) =>
        Run(
            ["probe", images, Embedded(TorchUser.BodyName)],
            (line, seconds) =>
                Console.WriteLine(
                    $"{line}; graft's first took {first / seconds:0.00} of that time, graft's next {again / seconds:0.00}"
                ),
            Seconds()
        );

    /// <summary>A process that answers once, from its start to its end.</summary>
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
                $"(c) PyTorch, cold start, median of {count}: {median:0.00} s, {median / graft:0.0} times as long as graft"
            );
        }
    }

    /// <summary>Answers of a process that has answered before.</summary>
    /// <param name="graft">Seconds of an answer of Graft's.</param>
    public static void Predict(string image, int count, double graft) =>
        Run(
            ["predict", Embedded(TorchUser.BodyName), image, $"{count}"],
            (line, milliseconds) =>
                Console.WriteLine(
                    $"{line}: {milliseconds:0.0} ms, {milliseconds / 1000 / graft:0.0} times as long as the Predictor"
                ),
            Milliseconds()
        );

    /// <summary>Fine-tuning of all layers, epoch by epoch, with Graft's share of the time.</summary>
    /// <param name="images">A CSV with parts.</param>
    /// <param name="graft">Seconds that Graft took.</param>
    public static void FineTune(string images, int epochs, double graft) =>
        Run(
            ["fine-tune", images, Embedded(TorchUser.BodyName), $"{epochs}"],
            (line, seconds) => Console.WriteLine($"{line}; graft took {graft / seconds:0.00} of that time"),
            Seconds()
        );

    private static void Speeds(string[] arguments, double user, double graft) =>
        Run(
            arguments,
            (name, speed) =>
                Console.WriteLine(
                    $"{name, -66} {speed, 8:0.0} images/s {speed / user, 7:0.00} x; Graft {graft / speed:0.0} times as fast"
                ),
            ImagesASecond()
        );

    private static void Run(string[] arguments, Action<string, double> use, Regex number)
    {
        if (s_program.Value is not string program)
        {
            Console.WriteLine($"(c) PyTorch is left out: {string.Join(" and ", s_programs)} have no module torch");
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
            throw new InvalidOperationException($"{program} {Script} ended with {code}");
        }
    }

    // What it says on standard error is shown as it comes.
    private static int Start(string program, string[] arguments, Action<string> line)
    {
        try
        {
            using Process process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true }
            )!;
            while (process.StandardOutput.ReadLine() is string said)
            {
                line(said);
            }

            process.WaitForExit();
            return process.ExitCode;
        }
        catch (Win32Exception)
        {
            return -1; // there is no such program
        }
    }

    private static string Embedded(string body) =>
        Path.Combine("src", "Graft.Training", "Bodies", "Weights", $"{body}.fp16.safetensors");

    [GeneratedRegex(@"(?<end>: )(?<number>[\d.]+) images/s")]
    private static partial Regex ImagesASecond();

    [GeneratedRegex(@"(?<end>: )(?<number>[\d.]+) ms")]
    private static partial Regex Milliseconds();

    [GeneratedRegex(@"(?<number>[\d.]+) s, accuracy [\d.]+(?<end>)")]
    private static partial Regex Seconds();
}
