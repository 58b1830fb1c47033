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
/// Keys of what the cache keeps: SHA-256 over everything that a value is made of (contract 3). Where something is left
/// out of a key, two different values
/// have one name: when in doubt, it goes in.
/// </summary>
internal static class CacheKey
{
    /// <summary>
    /// Of the rows' layout (float32; bfloat16, float16 and bytes in the order H, W, C). To be raised with it.
    /// </summary>
    private const int FormatVersion = 1;

    public const int Length = SHA256.HashSizeInBytes;

    /// <summary>
    /// What runs the prefix, and on which instructions: another library or processor may round otherwise.
    /// </summary>
    public static string OnnxRuntime { get; } =
        $"onnxruntime {OrtEnv.Instance().GetVersionString()} float32 on {RuntimeInformation.ProcessArchitecture}"
        + $" avx2={Avx2.IsSupported} avx512={Avx512F.IsSupported} vnni={AvxVnni.IsSupported}";

    /// <summary>Of all rows that one network gives at one of its edges, whatever the image.</summary>
    /// <param name="preprocessor">Its recipe, and its limits: what is too large under other limits is not
    /// found.</param>
    /// <param name="network">The bytes of the graph as it is run, weights and all its outputs included: what else it
    /// computes can change how it is optimised.</param>
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

    /// <summary>Of whether an image can be decoded at all.</summary>
    public static byte[] OfDecoding(string contentHash, DecodeLimits limits, string what = "decoding") =>
        SHA256.HashData(
            Encoding.UTF8.GetBytes(
                $"graft {what}\n{FormatVersion}\n{Preprocessor.RenderingVersion}\n"
                    + $"{JsonSerializer.Serialize(limits)}\n{contentHash}"
            )
        );

    /// <param name="contentHash">SHA-256 of the image's bytes, in hexadecimal.</param>
    /// <param name="seed">Of random views; the plain view is the same for every seed.</param>
    public static byte[] OfRow(ReadOnlySpan<byte> stream, string contentHash, int view, long seed)
    {
        Span<byte> all = stackalloc byte[(2 * Length) + 12];
        stream.CopyTo(all);
        Convert.FromHexString(contentHash, all.Slice(Length, Length), out _, out _);
        BinaryPrimitives.WriteInt32LittleEndian(all[(2 * Length)..], view);
        BinaryPrimitives.WriteInt64LittleEndian(all[((2 * Length) + 4)..], view == 0 ? 0 : seed);
        return SHA256.HashData(all);
    }

    /// <summary>Of something made from rows: the parts, in their order, are all that it depends on.</summary>
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
