using System.Buffers.Binary;
using System.ComponentModel;
using System.Text;

namespace Graft.Infrastructure;

/// <summary>Tells what a file is that is no network and no weights, from its first bytes.</summary>
/// <remarks>Serves Graft's own assemblies; it may change in any version.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class FileKind
{
    /// <summary>Number of first bytes that <see cref="Describe"/> looks at.</summary>
    public const int Length = 512;

    private const int LongestSafetensorsHeader = 100 << 20;
    private const int NewestKnownIr = 32;

    private static readonly (byte[] Start, string Description)[] s_starts =
    [
        ([0x89, (byte)'H', (byte)'D', (byte)'F'], "an HDF5 file, as Keras writes for weights (.h5)"),
        ([(byte)'P', (byte)'K', 3, 4], "a zip archive, as PyTorch (.pth, .pt) and Keras (.keras) write"),
        ([0x80, 2], "a Python pickle, as PyTorch wrote in earlier versions (.pth)"),
        ([0x1f, 0x8b], "a gzip archive; unpack it"),
        ([0x89, (byte)'P', (byte)'N', (byte)'G'], "a PNG picture"),
        ([0xff, 0xd8, 0xff], "a JPEG picture"),
    ];

    /// <summary>What the file is and, where there is one, the way out; null if the bytes tell nothing.</summary>
    /// <param name="start">The first bytes of the file, at most <see cref="Length"/>.</param>
    public static string? Describe(ReadOnlySpan<byte> start)
    {
        if (start.Length == 0)
        {
            return "an empty file; copy or download it again";
        }

        foreach ((byte[] known, string description) in s_starts)
        {
            if (start.StartsWith(known))
            {
                return description;
            }
        }

        return OfText(start) ?? OfOffsets(start);
    }

    /// <summary>Whether a file begins as ONNX files do: with its IR version.</summary>
    /// <param name="start">The first bytes of the file.</param>
    public static bool IsOnnx(ReadOnlySpan<byte> start) =>
        start.Length > 2 && start[0] == 8 && start[1] is > 0 and <= NewestKnownIr && (start[2] & 7) is 0 or 2;

    /// <summary>Whether a file is the pointer that Git LFS puts in its place.</summary>
    /// <param name="start">The first bytes of the file.</param>
    public static bool IsGitLfsPointer(ReadOnlySpan<byte> start) =>
        start.TrimStart(BeforeText).StartsWith("version https://git-lfs"u8);

    /// <summary>Whether a file is a web page, as servers and login pages send in place of a file.</summary>
    /// <param name="start">The first bytes of the file.</param>
    public static bool IsWebPage(ReadOnlySpan<byte> start)
    {
        string text = Encoding.Latin1.GetString(start.TrimStart(BeforeText));
        return text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase);
    }

    private static ReadOnlySpan<byte> BeforeText => "\uFEFF \t\r\n"u8; // a byte order mark and space

    private static string? OfText(ReadOnlySpan<byte> start) =>
        IsGitLfsPointer(start)
            ? "a Git LFS pointer in place of the file; run 'git lfs pull' in its repository, or download the file"
        : IsWebPage(start) ? "a web page, as servers send in place of a file; download the file itself"
        : null;

    private static string? OfOffsets(ReadOnlySpan<byte> start) =>
        start.Length < 9 ? null
        : start[4..8].SequenceEqual("TFL3"u8) ? "a TensorFlow Lite file"
        : start[4..8].SequenceEqual("ORTM"u8) ? "a file in ONNX Runtime's own format (.ort)"
        : start[8] == (byte)'{' && BinaryPrimitives.ReadUInt64LittleEndian(start) < LongestSafetensorsHeader
            ? "a safetensors file, which holds weights and no network"
        : null;
}
