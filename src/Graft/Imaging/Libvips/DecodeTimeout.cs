using System.Diagnostics;
using NetVips;

namespace Graft.Imaging;

/// <summary>Stops libvips when decoding one image takes longer than the limit.</summary>
internal sealed class DecodeTimeout : IDisposable
{
    // Smaller images finish before a check could help, and libvips's progress reports cost time every few rows.
    private const int FewestPixels = 4_000_000;

    private readonly CancellationTokenSource? _stop;
    private readonly string _name;
    private readonly DecodeLimits _limits;

    public DecodeTimeout(Image image, string name, DecodeLimits limits)
    {
        _name = name;
        _limits = limits;
        if ((long)image.Width * image.Height >= FewestPixels)
        {
            _stop = new CancellationTokenSource();
            // without a listener libvips reports no progress and does not check the token
            image.SetProgress(new Watch(_stop, limits.Time), _stop.Token);
        }
    }

    /// <exception cref="ImageException">Decoding took longer than the limit.</exception>
    public T Run<T>(Func<T> decode)
    {
        try
        {
            return decode();
        }
        catch (VipsException error) when (_stop?.IsCancellationRequested == true)
        {
            throw new ImageException(
                _name,
                $"decoding it takes longer than {_limits.Time.TotalSeconds:0.#} s, the limit; make it smaller",
                error
            )
            {
                Fault = ImageFault.OverLimit,
            };
        }
    }

    public void Dispose() => _stop?.Dispose();

    // Compares the clock in libvips's own thread: a timer needs a pool thread, which a busy machine may not have.
    private sealed class Watch(CancellationTokenSource stop, TimeSpan limit) : IProgress<int>
    {
        private readonly long _start = Stopwatch.GetTimestamp();

        public void Report(int value)
        {
            if (Stopwatch.GetElapsedTime(_start) > limit)
            {
                stop.Cancel();
            }
        }
    }
}
