using System.Collections;
using System.Runtime.InteropServices;
using Graft.Infrastructure;
using Graft.Training.Run;

namespace Graft.Training.Doctor;

/// <summary>
/// Before every training: the machine must compute as it should. What has passed is remembered beside the cache by a
/// fingerprint of processor, system, native libraries and Graft itself,
/// so that a later run asks in milliseconds; without a cache it is checked each time.
/// </summary>
internal static class CheckedEngines
{
    /// <summary>Beside the cache's file: a fingerprint a line.</summary>
    public const string FileName = "checked-engines.txt";

    private const int MostKept = 32; // machines that share a home
    private const long MostBytes = 1 << 16;

    private static readonly string[] s_natives = ["onnxruntime", "torch", "c10", "vips", "gomp", "iomp", "mkl"];

    // Once a process is enough: the second of its trainings computes with what the first did.
    private static readonly Lazy<IReadOnlyList<EngineCheck>> s_check = new(() => SelfCheck.Run(TimeProvider.System));

    // They choose kernels or threads in the native libraries.
    private static readonly string[] s_switches =
    [
        "ATEN_",
        "DNNL_",
        "GOMP_",
        "KMP_",
        "MKL_",
        "OMP_",
        "ONEDNN_",
        "ORT_",
        "TORCH_",
        "VIPS_",
        "LD_PRELOAD",
        "DOTNET_Enable",
    ];

    /// <summary>Checks the engines unless this very machine has passed with these very libraries.</summary>
    /// <exception cref="GraftException">One computes wrongly; the message says which.</exception>
    public static void Require(CacheOptions cache) => Require(cache, Fingerprint(), () => _ = s_check.Value);

    /// <summary>The same with the fingerprint and the check given.</summary>
    internal static void Require(CacheOptions cache, string fingerprint, Action check)
    {
        string path = cache.IsOn && cache.FullFolder.Length > 0 ? Path.Combine(cache.FullFolder, FileName) : "";
        string[] passed = Read(path);
        if (passed.Contains(fingerprint))
        {
            return;
        }

        check();
        if (path.Length > 0)
        {
            Write(path, [.. passed.TakeLast(MostKept - 1), fingerprint]);
        }
    }

    /// <summary>SHA-256 over all that an answer may depend on.</summary>
    internal static string Fingerprint()
    {
        List<string> parts =
        [
            RuntimeInformation.OSDescription,
            RuntimeInformation.FrameworkDescription,
            $"{RuntimeInformation.ProcessArchitecture}",
            $"{Environment.ProcessorCount}",
            $"{typeof(CheckedEngines).Module.ModuleVersionId}",
            $"{typeof(GraftException).Module.ModuleVersionId}",
            .. Processor(),
            .. Natives(),
            .. Switches(),
        ];
        return Run.Fingerprint.Of(parts);
    }

    // Model, stepping, microcode and instructions of the first core.
    private static IEnumerable<string> Processor()
    {
        const string Linux = "/proc/cpuinfo";
        return File.Exists(Linux)
            ? File.ReadLines(Linux)
                .TakeWhile(line => line.Length > 0)
                .Where(line =>
                    !line.StartsWith("cpu MHz", StringComparison.Ordinal)
                    && !line.StartsWith("bogomips", StringComparison.Ordinal)
                )
            : [Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? ""];
    }

    // Size and time of change stand for the content: hashing libtorch takes half a second.
    private static IEnumerable<string> Natives()
    {
        string folders = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        return folders
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append(AppContext.BaseDirectory)
            .Distinct()
            .Where(Directory.Exists)
            .SelectMany(folder => new DirectoryInfo(folder).EnumerateFiles())
            .Where(file => s_natives.Any(name => file.Name.Contains(name, StringComparison.OrdinalIgnoreCase)))
            .Select(file => $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}")
            .Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Switches() =>
        Environment
            .GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .Select(entry => $"{entry.Key}={entry.Value}")
            .Where(entry => s_switches.Any(start => entry.StartsWith(start, StringComparison.Ordinal)))
            .Order(StringComparer.Ordinal);

    private static string[] Read(string path)
    {
        try
        {
            return File.Exists(path) && new FileInfo(path).Length <= MostBytes ? File.ReadAllLines(path) : [];
        }
        catch (Exception error) when (RunStorage.IsRefusal(error))
        {
            return []; // checked once more
        }
    }

    private static void Write(string path, string[] lines)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            AtomicFile.Write(path, string.Join('\n', lines) + "\n");
        }
        catch (Exception error) when (RunStorage.IsRefusal(error))
        {
            // a folder that cannot be written: the next run checks again, and the cache says why it keeps nothing
            return;
        }
    }
}
