namespace Graft.AspNetCore;

/// <summary>Reads streams into memory within the limits of a request and of the server.</summary>
/// <param name="limit">Most bytes of the whole request.</param>
/// <param name="share">The request's share of the server's memory.</param>
internal sealed class LimitedBody(long limit, ByteBudget.Share share)
{
    private const int BlockBytes = 64 << 10;
    private long _read;

    /// <summary>Reads a stream to its end.</summary>
    /// <exception cref="RefusedRequestException">A limit is exceeded.</exception>
    public async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancel)
    {
        using MemoryStream content = new();
        byte[] block = new byte[BlockBytes];
        while (true)
        {
            int count = await stream.ReadAsync(block, cancel).ConfigureAwait(false);
            if (count == 0)
            {
                return content.ToArray();
            }

            _read += count;
            if (_read > limit)
            {
                throw TooLarge(limit);
            }

            share.Take(count);
            content.Write(block, 0, count);
        }
    }

    /// <summary>The refusal of a request that is too large.</summary>
    public static RefusedRequestException TooLarge(long limit) =>
        new(413, "too_large", $"The request is larger than {limit:N0} bytes.");
}
