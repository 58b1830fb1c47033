using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Graft.Imaging;
using Microsoft.ML.OnnxRuntime;

namespace Graft.Training.Extraction;

/// <summary>
/// Keys of cached values: SHA-256 over everything that a value depends on. If a key left something out, two different
/// values would have the same key. When in doubt, include it.
/// </summary>
internal static class CacheKey
{
    /// <summary>
    /// Version of the rows' layout (float32; bfloat16, float16 and int8 in the order H, W, C). Raise it with every
    /// change.
    /// </summary>
    private const int FormatVersion = 1;

    public const int Length = SHA256.HashSizeInBytes;

    /// <summary>
    /// The library that runs the prefix, and the processor's instructions. Others may round differently.
    /// </summary>
    public static string OnnxRuntime { get; } =
        $"onnxruntime {OrtEnv.Instance().GetVersionString()} float32 on {RuntimeInformation.ProcessArchitecture}"
        + $" avx2={Avx2.IsSupported} avx512={Avx512F.IsSupported} vnni={AvxVnni.IsSupported}";

    /// <summary>Key shared by all rows of a network at one of its edges.</summary>
    /// <param name="preprocessor">Gives the input transform and the limits, which decide what is too large.</param>
    /// <param name="network">
    /// The bytes of the graph as it runs, with weights and all outputs. Other outputs can change how it is optimised.
    /// </param>
    public static byte[] OfStream(
        string engine,
        Preprocessor preprocessor,
        ReadOnlySpan<byte> network,
        string edge,
        ActivationFormat format
    )
    {
        string text = string.Join(
            '\n',
            "graft rows",
            FormatVersion,
            engine,
            Preprocessor.RenderingVersion,
            JsonSerializer.Serialize(preprocessor.Preprocessing),
            JsonSerializer.Serialize(preprocessor.Limits),
            Convert.ToHexStringLower(SHA256.HashData(network)),
            edge,
            format
        );
        return SHA256.HashData(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Key of the fact that an image can be decoded.</summary>
    public static byte[] OfDecoding(string contentHash, DecodeLimits limits, string what = "decoding") =>
        SHA256.HashData(
            Encoding.UTF8.GetBytes(
                $"graft {what}\n{FormatVersion}\n{Preprocessor.RenderingVersion}\n"
                    + $"{JsonSerializer.Serialize(limits)}\n{contentHash}"
            )
        );

    /// <param name="contentHash">SHA-256 of the encoded image, in hexadecimal.</param>
    /// <param name="seed">Seed of the random views. The plain view does not depend on it.</param>
    public static byte[] OfRow(ReadOnlySpan<byte> stream, string contentHash, int view, long seed)
    {
        Span<byte> all = stackalloc byte[(2 * Length) + 12];
        stream.CopyTo(all);
        Convert.FromHexString(contentHash, all.Slice(Length, Length), out _, out _);
        BinaryPrimitives.WriteInt32LittleEndian(all[(2 * Length)..], view);
        BinaryPrimitives.WriteInt64LittleEndian(all[((2 * Length) + 4)..], view == 0 ? 0 : seed);
        return SHA256.HashData(all);
    }

    /// <summary>Key of a result that depends only on the given parts, in their order.</summary>
    public static byte[] OfParts(string what, IEnumerable<byte[]> parts)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{what}\n{FormatVersion}\n"));
        foreach (byte[] part in parts)
        {
            hash.AppendData(BitConverter.GetBytes(part.Length)); // so that two parts are not taken for one
            hash.AppendData(part);
        }

        return hash.GetHashAndReset();
    }
}
