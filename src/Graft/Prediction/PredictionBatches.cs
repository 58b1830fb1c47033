using Graft.Imaging;

namespace Graft.Prediction;

/// <summary>
/// Many images through one network: the next batch is decoded on all threads while the network works on this one.
/// </summary>
internal sealed class PredictionBatches(Preprocessor preprocessor, int threads)
{
    private const int MostImages = 16; // larger batches are not faster on processors (recipe.md)
    private const int MostPixelBytes = 64 << 20; // what two batches of the largest inputs may take

    /// <summary>Turns the pixels of N images, [N,3,H,W], into N predictions.</summary>
    public delegate ImagePrediction[] Classify(ReadOnlySpan<byte> pixels, int count);

    private int BatchSize => Math.Clamp(MostPixelBytes / preprocessor.PixelBytes, 1, MostImages);

    public IEnumerable<PredictionResult> Run(IEnumerable<string> paths, Classify classify, CancellationToken cancel)
    {
        Task<Decoded>? next = null;
        foreach (string[] chunk in paths.Chunk(BatchSize).Append([]))
        {
            Task<Decoded>? current = next;
            next = chunk.Length == 0 ? null : Task.Run(() => Decode(chunk, cancel), cancel);
            if (current is null)
            {
                continue;
            }

            foreach (PredictionResult result in Finish(current.GetAwaiter().GetResult(), classify))
            {
                cancel.ThrowIfCancellationRequested();
                yield return result;
            }
        }
    }

    private Decoded Decode(string[] paths, CancellationToken cancel)
    {
        byte[]?[] pixels = new byte[]?[paths.Length];
        string?[] failures = new string?[paths.Length];
        ParallelOptions options = new() { MaxDegreeOfParallelism = threads, CancellationToken = cancel };
        Parallel.For(0, paths.Length, options, i =>
        {
            try
            {
                pixels[i] = preprocessor.Render(paths[i]);
            }
            catch (ImageException error)
            {
                failures[i] = error.Reason;
            }
        });
        return new(paths, pixels, failures);
    }

    private static PredictionResult[] Finish(Decoded decoded, Classify classify)
    {
        byte[][] usable = [.. decoded.Pixels.OfType<byte[]>()];
        byte[] images = new byte[usable.Sum(image => image.Length)]; // [N,3,H,W]
        int offset = 0;
        foreach (byte[] image in usable)
        {
            image.CopyTo(images, offset);
            offset += image.Length;
        }

        Queue<ImagePrediction> predictions = new(usable.Length == 0 ? [] : classify(images, usable.Length));
        return
        [
            .. decoded.Paths.Select(
                (path, i) =>
                    decoded.Failures[i] is string reason
                        ? new PredictionResult(path, null, reason)
                        : new PredictionResult(path, predictions.Dequeue(), null)
            ),
        ];
    }

    private sealed record Decoded(string[] Paths, byte[]?[] Pixels, string?[] Failures);
}
