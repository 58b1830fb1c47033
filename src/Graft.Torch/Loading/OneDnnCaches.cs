using System.Runtime.InteropServices;

namespace Graft.Torch;

/// <summary>
/// The sizes of caches that oneDNN, a part of libtorch, divides its work by. Where a machine hides them it takes each
/// for one byte (<see cref="TorchInstructions"/>). Here it gets those that it assumes of processors it does not know.
/// </summary>
/// <remarks>
/// oneDNN has no option for this. It keeps what it knows of the processor in one object in memory, which a function
/// makes and returns. Neither is exported, so their places are those of one known build of libtorch. Any other build is
/// left as it is.
/// </remarks>
internal static unsafe class OneDnnCaches
{
    /// <summary>The build id of libtorch-cpu-linux-x64 2.10.0.</summary>
    public const string KnownBuild = "e59a73f8ca02c19463bd923dc568ce765b2a1106";

    /// <summary>The function that makes the object, and where it is in that build.</summary>
    public const string Function = "_ZN4dnnl4impl3cpu3x643cpuEv"; // dnnl::impl::cpu::x64::cpu()

    /// <inheritdoc cref="Function"/>
    public const long FunctionOffset = 0xf89b1a0;

    private const string Library = "libtorch_cpu.so";
    private const int SizesOffset = 0x1c; // bytes of a cache, uint32, level 1 first
    private const int SharingOffset = 0x44; // cores that share a cache, uint32
    private const int LevelsOffset = 0x6c; // levels of caches, uint32
    private const uint LeastSize = 4096; // no processor has a smaller cache

    // Of oneDNN: platform::get_per_core_cache_size. It has three levels for each processor of AMD.
    private static readonly uint[] s_assumed = [32 << 10, 512 << 10, 1 << 20];

    private static readonly Lazy<bool> s_isKnown = new(() => IsKnown(PathBesideProgram()));

    /// <summary>True where the libtorch that this program will load is the known build. Loads nothing.</summary>
    public static bool AreKnown => s_isKnown.Value;

    /// <summary>Sizes of the caches that oneDNN computes with, in bytes, level 1 first. Loads nothing.</summary>
    /// <returns>Null: libtorch is not loaded, or is another build.</returns>
    public static uint[]? Sizes =>
        Description() is nint cpu and not 0
            ? new ReadOnlySpan<uint>((void*)(cpu + SizesOffset), s_assumed.Length).ToArray()
            : null;

    /// <summary>Corrects the sizes. libtorch must be loaded and must not have computed a convolution yet.</summary>
    /// <returns>False: it cannot be done, and oneDNN must be held to instructions that do not need them.</returns>
    public static bool Repair()
    {
        nint cpu = Description();
        if (cpu == 0 || *(uint*)(cpu + LevelsOffset) != s_assumed.Length)
        {
            return false;
        }

        Span<uint> sizes = new((void*)(cpu + SizesOffset), s_assumed.Length);
        Span<uint> sharing = new((void*)(cpu + SharingOffset), s_assumed.Length);
        for (int level = 0; level < sizes.Length; level++)
        {
            if (sizes[level] < LeastSize)
            {
                (sizes[level], sharing[level]) = (s_assumed[level], 1);
            }
        }

        return true;
    }

    // The address of the object, or 0.
    private static nint Description()
    {
        LoadedLibrary? library = LoadedLibrary.Find(Library);
        if (library is null || !IsKnown(library.Path))
        {
            return 0;
        }

        var make = (delegate* unmanaged[Cdecl]<nint>)(library.Start + FunctionOffset);
        return make();
    }

    private static bool IsPossible =>
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    private static bool IsKnown(string? path)
    {
        try
        {
            return IsPossible && path is not null && ElfBuildId.Of(path) == KnownBuild;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string? PathBesideProgram() =>
        $"{AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES")}"
            .Split(Path.PathSeparator)
            .Append(AppContext.BaseDirectory)
            .Where(folder => folder.Length > 0)
            .Select(folder => Path.Combine(folder, Library))
            .FirstOrDefault(File.Exists);
}
