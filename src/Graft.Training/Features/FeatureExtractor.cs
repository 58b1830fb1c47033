using System.Collections.Concurrent;
using System.Diagnostics;
using Graft.Data;
using Graft.Imaging;
using Graft.Onnx;
using Graft.Training.Runs;

namespace Graft.Training.Features;

/// <summary>An image to extract, and in which views.</summary>
/// <param name="FirstRow">Of its view 0; further views follow.</param>
/// <param name="Views">0: the image is only decoded, to know that it can be; its pixels are thrown away.</param>
internal sealed record ExtractionItem(LabelledImage Image, int FirstRow, int Views);

/// <summary>
/// Runs images through the frozen prefix, once a view, and keeps what comes out. Each worker decodes an image and runs the network on it on its
/// own thread, so that decoding and the network overlap and the result does not depend on the number of threads.
/// </summary>
internal sealed class FeatureExtractor(OnnxSession prefix, Preprocessor preprocessor, long seed, int threads)
{
    private const int ImagesACall = 8;   // bounds the memory of a worker: 8 views of 224 x 224 are 5 MB

    /// <param name="stores">One for each output of the prefix, in its order.</param>
    /// <returns>The images that could not be decoded; their rows stay empty.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<RejectedImage> Run(
        IReadOnlyList<ExtractionItem> items, IReadOnlyList<IRowTarget> stores, IProgress<TrainingEvent>? progress, CancellationToken cancel)
    {
        ConcurrentBag<RejectedImage> rejected = [];
        long total = items.Sum(item => (long)item.Views);
        long done = 0;
        Stopwatch watch = Stopwatch.StartNew();
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = threads > 0 ? threads : Environment.ProcessorCount, CancellationToken = cancel };
        Parallel.ForEach(Partitioner.Create(items, EnumerablePartitionerOptions.NoBuffering), parallel, item =>
        {
            try
            {
                Extract(item, stores);
            }
            catch (ImageException bad)
            {
                rejected.Add(new RejectedImage(item.Image.Path, bad.Reason) { Fault = bad.Fault });
            }

            long now = Interlocked.Add(ref done, item.Views);
            double perSecond = now / watch.Elapsed.TotalSeconds;
            progress?.Report(new Progressed("extract", now, total, "images", perSecond, TimeSpan.FromSeconds((total - now) / Math.Max(perSecond, 1e-3))));
        });

        return [.. rejected.OrderBy(image => image.Path, StringComparer.Ordinal)];
    }

    private void Extract(ExtractionItem item, IReadOnlyList<IRowTarget> stores)
    {
        byte[] bytes = ImageBytes.Read(item.Image.File, preprocessor.Limits);
        if (item.Views == 0)
        {
            preprocessor.Render(bytes, item.Image.Path);
            return;
        }

        View[] views = [.. Enumerable.Range(0, item.Views).Select(v => v == 0 ? View.Plain : new View((uint)v, (ulong)seed))];
        byte[] planes = new byte[views.Length * preprocessor.PixelBytes];
        preprocessor.Render(bytes, item.Image.Path, views, planes);
        Preprocessing recipe = preprocessor.Preprocessing;
        for (int first = 0; first < views.Length; first += ImagesACall)
        {
            int count = Math.Min(ImagesACall, views.Length - first);
            float[] pixels = Array.ConvertAll(planes[(first * preprocessor.PixelBytes)..((first + count) * preprocessor.PixelBytes)], p => (float)p);
            IReadOnlyList<NetworkOutput> outputs = prefix.Run(pixels, count, 3, recipe.Height, recipe.Width);
            for (int o = 0; o < stores.Count; o++)
            {
                float[] values = outputs[o].Singles!;
                int length = values.Length / count;
                for (int i = 0; i < count; i++)
                {
                    stores[o].Write(item.FirstRow + first + i, values.AsSpan(i * length, length));
                }
            }
        }
    }
}
