using System.Security.Cryptography;
using System.Text;

namespace Graft.Training.Runs;

/// <summary>Names for what something was made from.</summary>
internal static class Hashes
{
    /// <summary>SHA-256 over texts, each told from the next.</summary>
    public static string Of(params IEnumerable<string> texts)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string text in texts)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            hash.AppendData(BitConverter.GetBytes(bytes.LongLength));
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
