using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Graft.Imaging;
using Graft.Prediction;
using Graft.Training.Extraction;

namespace Graft.Training.Release;

/// <summary>
/// Keeps self-tests in the cache: the same file gives the same answers to the same drawn images, so that a second probe
/// of a folder prepares no network.
/// </summary>
internal static class CachedSelfTest
{
    private static readonly CacheStream s_stream = new("any", "self-tests of exported models", "Single");

    /// <summary>The kept self-test of just this file, or a new one, which is kept then.</summary>
    /// <param name="file">A classifier without its card.</param>
    /// <param name="name">What error messages call it.</param>
    public static SelfTest Of(byte[] file, string name, Preprocessing preprocessing, ActivationCache? cache)
    {
        byte[] key = KeyOf(file, preprocessing);
        if (cache?.Get(key) is byte[] kept && Read(kept) is SelfTest found)
        {
            return found;
        }

        SelfTest made = SelfTest.Create(file, name, preprocessing);
        cache?.Add(key, s_stream, Write(made));
        return made;
    }

    internal static byte[] KeyOf(byte[] file, Preprocessing preprocessing) =>
        CacheKey.OfParts(
            "self-test",
            [
                typeof(SelfTest).Module.ModuleVersionId.ToByteArray(), // how the images are drawn, and which is taken
                Encoding.UTF8.GetBytes(CacheKey.OnnxRuntime),
                BitConverter.GetBytes(Environment.ProcessorCount), // its threads share the sums
                SHA256.HashData(file),
                JsonSerializer.SerializeToUtf8Bytes(preprocessing),
            ]
        );

    /// <summary>Which image, the hash of its pixels, the probabilities.</summary>
    private static byte[] Write(SelfTest test) =>
        [
            .. BitConverter.GetBytes(test.Image),
            .. Convert.FromHexString(test.PixelsSha256),
            .. MemoryMarshal.AsBytes([.. test.Expected]),
        ];

    /// <summary>Null where the bytes are no self-test.</summary>
    private static SelfTest? Read(byte[] kept)
    {
        const int Start = sizeof(int) + SHA256.HashSizeInBytes;
        return kept.Length > Start && (kept.Length - Start) % sizeof(float) == 0
            ? new(
                BitConverter.ToInt32(kept),
                Convert.ToHexStringLower(kept.AsSpan(sizeof(int), SHA256.HashSizeInBytes)),
                MemoryMarshal.Cast<byte, float>(kept.AsSpan(Start)).ToArray()
            )
            : null;
    }
}
