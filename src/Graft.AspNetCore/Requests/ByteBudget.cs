namespace Graft.AspNetCore;

/// <summary>Bounds the bytes of all requests that are in memory at once.</summary>
internal sealed class ByteBudget(long limit)
{
    private long _used;

    /// <summary>Takes bytes for one request; disposing returns them.</summary>
    public Share Open() => new(this);

    /// <summary>The bytes of one request.</summary>
    internal sealed class Share(ByteBudget budget) : IDisposable
    {
        private long _taken;

        /// <summary>Takes more bytes.</summary>
        /// <exception cref="RefusedRequestException">All are taken.</exception>
        public void Take(long bytes)
        {
            if (Interlocked.Add(ref budget._used, bytes) > budget.Limit)
            {
                Interlocked.Add(ref budget._used, -bytes);
                throw new RefusedRequestException(503, "memory", "The server holds too many uploads; try again later.");
            }

            _taken += bytes;
        }

        public void Dispose()
        {
            Interlocked.Add(ref budget._used, -_taken);
            _taken = 0;
        }
    }

    private long Limit { get; } = limit;
}
