using System.Security.Cryptography;
using System.Text;

namespace Graft.Training.Run;

/// <summary>Hashes that identify inputs.</summary>
internal static class Fingerprint
{
    /// <summary>SHA-256 over texts and their lengths, so that texts cannot run into each other.</summary>
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

    /// <summary>SHA-256 over lines in UTF-8, separated by line feeds. No line is kept in memory.</summary>
    public static string OfLines(IEnumerable<string> lines)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string between = "";
        foreach (string line in lines)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(between + line));
            between = "\n";
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
