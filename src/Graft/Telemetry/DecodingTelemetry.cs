using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Graft.Imaging;

/// <summary>Counts decoded images, and measures how long they take.</summary>
internal static class DecodingTelemetry
{
    private static readonly string[] s_names =
    [
        .. Enum.GetNames<ImageFormat>().Select(name => name.ToLowerInvariant()),
    ];

    private static readonly Counter<long> s_images = Telemetry.Meter.CreateCounter<long>(
        "graft.images.decoded",
        "{image}",
        "Images decoded."
    );

    private static readonly Histogram<double> s_duration = Telemetry.Meter.CreateHistogram<double>(
        "graft.image.decode.duration",
        "s",
        "Time to decode one image."
    );

    /// <summary>Counts an image that has been decoded.</summary>
    /// <param name="image">The image.</param>
    /// <param name="format">Its format.</param>
    /// <param name="start">Timestamp of <see cref="Stopwatch"/> at which the decoding began.</param>
    /// <returns>The image.</returns>
    public static DecodedImage Count(DecodedImage image, ImageFormat format, long start)
    {
        if (s_images.Enabled || s_duration.Enabled)
        {
            KeyValuePair<string, object?> tag = new("graft.image.format", s_names[(int)format]);
            s_images.Add(1, tag);
            s_duration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, tag);
        }

        return image;
    }
}
