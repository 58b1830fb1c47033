using System.Security.Cryptography;
using System.Text;
using Graft.Training.Run;

namespace Graft.Training.Tests.Run;

public sealed class FingerprintTests
{
    [Theory]
    [InlineData]
    [InlineData("one")]
    [InlineData("", "two", "", "drei ß")]
    public void Lines_have_the_hash_of_their_text(params string[] lines) =>
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines)))),
            Fingerprint.OfLines(lines)
        );
}
