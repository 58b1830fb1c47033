using System.Collections;
using System.Runtime.InteropServices;

namespace Graft.Training.Run;

/// <summary>Identifies the processor, the system, the native libraries and Graft.</summary>
internal static class MachineFingerprint
{
    private static readonly string[] s_natives = ["onnxruntime", "torch", "c10", "vips", "gomp", "iomp", "mkl"];

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

    /// <summary>SHA-256 over everything that can change how an engine computes.</summary>
    public static string Compute()
    {
        List<string> parts =
        [
            RuntimeInformation.OSDescription,
            RuntimeInformation.FrameworkDescription,
            $"{RuntimeInformation.ProcessArchitecture}",
            $"{Environment.ProcessorCount}",
            $"{typeof(MachineFingerprint).Module.ModuleVersionId}",
            $"{typeof(GraftException).Module.ModuleVersionId}",
            .. Processor(),
            .. Natives(),
            .. Switches(),
        ];
        return Fingerprint.Of(parts);
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
}
