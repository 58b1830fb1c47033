using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Graft.Imaging;
using Graft.Prediction;
using Graft.Training.Extraction;

namespace Graft.Training.Release;

/// <summary>
/// Keeps the self-tests of exported models in the cache. The same file gives the same answers to the same synthetic
/// images, so a second probe of a folder does not have to load the network.
/// </summary>
internal static class CachedSelfTest
{
    private static readonly CacheStream s_stream = new("any", "self-tests of exported models", "Single");

    /// <summary>The cached self-test of this file, or a new one, which is then cached.</summary>
    /// <param name="file">An ONNX classifier without its card.</param>
    /// <param name="name">Name of the file in error messages.</param>
    /// <param name="preprocessing">Input transform of the classifier.</param>
    /// <param name="cache">The cache. Null: none.</param>
    public static SelfTest Of(byte[] file, string name, Preprocessing preprocessing, ActivationCache? cache)
    {
        byte[] key = KeyOf(file, preprocessing);
        if (cache?.Get(key) is byte[] kept && Read(kept) is SelfTest found)
        {
            return found;
        }

        SelfTest created = SelfTest.Create(file, name, preprocessing);
        cache?.Add(key, s_stream, Write(created));
        return created;
    }

    internal static byte[] KeyOf(byte[] file, Preprocessing preprocessing) =>
        CacheKey.OfParts(
            "self-test",
            [
                typeof(SelfTest).Module.ModuleVersionId.ToByteArray(), // its code draws and selects the images
                Encoding.UTF8.GetBytes(CacheKey.OnnxRuntime),
                BitConverter.GetBytes(Environment.ProcessorCount), // the number of threads changes the order of sums
                SHA256.HashData(file),
                JsonSerializer.SerializeToUtf8Bytes(preprocessing),
            ]
        );

    // The image's number, the hash of its pixels, the probabilities.
    private static byte[] Write(SelfTest test) =>
        [
            .. BitConverter.GetBytes(test.Image),
            .. Convert.FromHexString(test.PixelsSha256),
            .. MemoryMarshal.AsBytes([.. test.Expected]),
        ];

    // Null if the bytes are no self-test.
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
