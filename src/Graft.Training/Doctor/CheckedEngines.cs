using System.Collections;
using System.Runtime.InteropServices;
using Graft.Infrastructure;
using Graft.Training.Run;

namespace Graft.Training.Doctor;

/// <summary>
/// Checks before every training that the machine computes correctly. A file beside the cache remembers what has passed,
/// by a fingerprint of the processor, the system, the native libraries and Graft. A later run then needs milliseconds.
/// Without a cache every process checks.
/// </summary>
internal static class CheckedEngines
{
    /// <summary>Name of the file in the cache's folder: one fingerprint on each line.</summary>
    public const string FileName = "checked-engines.txt";

    private const int MaxFingerprints = 32; // machines may share a home folder
    private const long MaxFileBytes = 1 << 16;

    private static readonly string[] s_natives = ["onnxruntime", "torch", "c10", "vips", "gomp", "iomp", "mkl"];

    // Once in a process is enough: all its trainings use the same libraries.
    private static readonly Lazy<IReadOnlyList<EngineCheck>> s_check = new(() => SelfCheck.Run(TimeProvider.System));

    // Prefixes of environment variables that select kernels or threads in the native libraries.
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

    /// <summary>Checks the engines unless this machine has passed with these libraries before.</summary>
    /// <exception cref="GraftException">An engine computes wrongly; the message names it.</exception>
    public static void Require(CacheOptions cache) => Require(cache, Fingerprint(), () => _ = s_check.Value);

    /// <inheritdoc cref="Require(CacheOptions)"/>
    /// <param name="cache">Where the fingerprints are kept.</param>
    /// <param name="fingerprint">Fingerprint of this machine.</param>
    /// <param name="check">Throws if an engine computes wrongly.</param>
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
            Write(path, [.. passed.TakeLast(MaxFingerprints - 1), fingerprint]);
        }
    }

    /// <summary>SHA-256 over everything that can change how an engine computes.</summary>
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

    // Model, stepping, microcode and instruction sets of the first core.
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

    // Size and modification time stand for the content, because hashing libtorch takes half a second.
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
            return File.Exists(path) && new FileInfo(path).Length <= MaxFileBytes ? File.ReadAllLines(path) : [];
        }
        catch (Exception error) when (RunStorage.IsRefusal(error))
        {
            return []; // the engines are checked again
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
            // The folder cannot be written. The next run checks again, and the cache reports the reason.
            return;
        }
    }
}
