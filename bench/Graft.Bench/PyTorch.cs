using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Graft.Bench;

/// <summary>(c) of the comparisons: bench/pytorch.py, in the same run, where a python3 with PyTorch is installed (Debian: python3-torch, python3-pil).</summary>
internal static partial class PyTorch
{
    /// <summary>Of the images, in pixels.</summary>
    public const int Side = 224;

    /// <summary>The bodies that the script knows, and behind which edge it trains them.</summary>
    public static readonly IReadOnlyDictionary<string, string> Edges = new Dictionary<string, string> { ["efficientnet_lite0"] = "blocks.5.0", ["vgg16"] = "features.23" };

    private const string Script = "bench/pytorch.py";
    private static readonly string[] s_programs = ["python3", "/usr/bin/python3"];   // the second: Debian's own, where another one comes first
    private static readonly Lazy<string?> s_program = new(() => s_programs.FirstOrDefault(program => Start(program, ["-c", "import importlib.util as u, sys; sys.exit(u.find_spec('torch') is None)"], _ => { }) == 0));

    /// <summary>Images a second of one of the script's measurements, layout by layout, printed as multiples of (b) and with how many times as fast Graft is.</summary>
    /// <param name="what">prefix or step.</param>
    /// <param name="weights">A .safetensors file; null: the embedded ones.</param>
    /// <param name="user">Images a second of (b).</param>
    /// <param name="graft">Images a second of Graft.</param>
    public static void Compare(string what, string body, string? weights, int rounds, double user, double graft) =>
        Run([what, body, weights ?? Embedded(body), $"{rounds}"], (name, speed) =>
            Console.WriteLine($"{name,-66} {speed,8:0.0} images/s {speed / user,7:0.00} x; Graft {graft / speed:0.0} times as fast"), ImagesASecond());

    /// <summary>Fine-tuning of all layers, epoch by epoch, with Graft's share of the time.</summary>
    /// <param name="images">A CSV with parts.</param>
    /// <param name="graft">Seconds that Graft took.</param>
    public static void FineTune(string images, int epochs, double graft) =>
        Run(["fine-tune", images, Embedded("efficientnet_lite0"), $"{epochs}"], (line, seconds) => Console.WriteLine($"{line}; graft took {graft / seconds:0.00} of that time"), Seconds());

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
                use(line[..found.Groups["end"].Index], double.Parse(found.Groups["number"].Value, CultureInfo.InvariantCulture));
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
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
            while (process.StandardOutput.ReadLine() is string said)
            {
                line(said);
            }

            process.WaitForExit();
            return process.ExitCode;
        }
        catch (Win32Exception)
        {
            return -1;   // there is no such program
        }
    }

    private static string Embedded(string body) => Path.Combine("src", "Graft.Training", "Bodies", "Weights", $"{body}.fp16.safetensors");

    [GeneratedRegex(@"(?<end>: )(?<number>[\d.]+) images/s")]
    private static partial Regex ImagesASecond();

    [GeneratedRegex(@"(?<number>[\d.]+) s, accuracy [\d.]+(?<end>)")]
    private static partial Regex Seconds();
}
