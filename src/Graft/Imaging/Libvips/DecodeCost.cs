using System.Diagnostics;
using NetVips;

namespace Graft.Imaging;

/// <summary>What decoding will take, estimated from the header.</summary>
internal static class DecodeCost
{
    private const int ManyScans = 100; // a progressive JPEG has about ten
    private const double PixelsASecond = 20e6; // of one scan, on a slow processor

    /// <exception cref="ImageException">More memory than the limit, or a JPEG in so many scans that it would take
    /// longer than the limit.</exception>
    public static void Check(
        Image header,
        ImageFormat format,
        ReadOnlySpan<byte> bytes,
        string name,
        DecodeLimits limits
    )
    {
        long pixels = (long)header.Width * header.Height;
        int sample = header.Format == Enums.BandFormat.Ushort ? 2 : 1;
        // as it is held by the decoder at worst, and as it is handed out
        long memory = pixels * ((header.Bands * sample) + 3);
        if (memory > limits.Memory)
        {
            throw new ImageException(
                name,
                $"decoding it takes {memory >> 20:N0} MiB of memory, and {limits.Memory >> 20:N0} are the limit; make it smaller, or list it in ignore.txt"
            )
            {
                Fault = ImageFault.OverLimit,
            };
        }

        int scans = format == ImageFormat.Jpeg ? bytes.Count([(byte)0xFF, (byte)0xDA]) : 1;
        double seconds = scans * pixels / PixelsASecond;
        if (scans > ManyScans && seconds > limits.Time.TotalSeconds)
        {
            throw new ImageException(
                name,
                $"a JPEG in {scans:N0} scans, which takes some {seconds:N0} s to decode, and {limits.Time.TotalSeconds:N0} are the limit; save it anew, or list it in ignore.txt"
            )
            {
                Fault = ImageFault.OverLimit,
            };
        }
    }
}

/// <summary>Stops libvips where an image takes too long.</summary>
internal sealed class DecodeTimeout : IDisposable
{
    // pixels; smaller ones end before anybody looks, and a watch costs a call a few rows
    private const int WorthWatching = 4_000_000;

    private readonly CancellationTokenSource? alarm;
    private readonly string name;
    private readonly DecodeLimits limits;

    public DecodeTimeout(Image image, string name, DecodeLimits limits)
    {
        this.name = name;
        this.limits = limits;
        if ((long)image.Width * image.Height >= WorthWatching)
        {
            alarm = new CancellationTokenSource();
            // without a listener libvips reports nothing, and the token is not looked at
            image.SetProgress(new Watch(alarm, limits.Time), alarm.Token);
        }
    }

    /// <exception cref="ImageException">It took longer than the limit.</exception>
    public T Run<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (VipsException error) when (alarm?.IsCancellationRequested == true)
        {
            throw new ImageException(
                name,
                $"decoding it takes longer than {limits.Time.TotalSeconds:0.#} s, the limit; make it smaller, or list it in ignore.txt",
                error
            )
            {
                Fault = ImageFault.OverLimit,
            };
        }
    }

    public void Dispose() => alarm?.Dispose();

    // Looks at the clock itself: a timer waits for a thread of the pool, which a busy machine may not have.
    private sealed class Watch(CancellationTokenSource alarm, TimeSpan limit) : IProgress<int>
    {
        private readonly long start = Stopwatch.GetTimestamp();

        public void Report(int value)
        {
            if (Stopwatch.GetElapsedTime(start) > limit)
            {
                alarm.Cancel();
            }
        }
    }
}
