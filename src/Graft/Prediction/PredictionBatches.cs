using System.Runtime.CompilerServices;
using Graft.Imaging;

namespace Graft.Prediction;

/// <summary>
/// Sends many images through one network. All threads decode the next batch while the network works on this one.
/// </summary>
/// <typeparam name="T">What stands for an image, such as its path.</typeparam>
/// <param name="preprocessor">Renders the images.</param>
/// <param name="threads">Number of images that are decoded at once.</param>
/// <param name="name">Name of an image in its result.</param>
/// <param name="read">Reads the file of an image.</param>
/// <param name="classify">Classifies a batch.</param>
internal sealed class PredictionBatches<T>(
    Preprocessor preprocessor,
    int threads,
    Func<T, string> name,
    Func<T, CancellationToken, ValueTask<byte[]>> read,
    PredictionBatches<T>.Classify classify
)
{
    private const int MostImages = 16; // larger batches are not faster on processors
    private const int MostPixelBytes = 64 << 20; // bounds two batches of the largest inputs

    /// <summary>Turns the pixels of a batch, [N,3,H,W], into N predictions.</summary>
    public delegate ImagePrediction[] Classify(ReadOnlySpan<byte> pixels, int count);

    private int BatchSize => Math.Clamp(MostPixelBytes / preprocessor.PixelBytes, 1, MostImages);

    public IEnumerable<PredictionResult> Run(IEnumerable<T> images, CancellationToken cancel)
    {
        foreach (Task<Batch> decoding in Decode(images, cancel))
        {
            foreach (PredictionResult result in Finish(decoding.GetAwaiter().GetResult()))
            {
                cancel.ThrowIfCancellationRequested();
                yield return result;
            }
        }
    }

    public async IAsyncEnumerable<PredictionResult> RunAsync(
        IEnumerable<T> images,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        foreach (Task<Batch> decoding in Decode(images, cancel))
        {
            Batch batch = await decoding.ConfigureAwait(false);
            PredictionResult[] results = await Task.Run(() => Finish(batch), cancel).ConfigureAwait(false);
            foreach (PredictionResult result in results)
            {
                cancel.ThrowIfCancellationRequested();
                yield return result;
            }
        }
    }

    // Each batch is returned when the decoding of the one after it has started.
    private IEnumerable<Task<Batch>> Decode(IEnumerable<T> images, CancellationToken cancel)
    {
        Task<Batch>? previous = null;
        foreach (T[] chunk in images.Chunk(BatchSize))
        {
            Task<Batch> next = Task.Run(() => DecodeAsync(chunk, cancel), cancel);
            if (previous is not null)
            {
                yield return previous;
            }

            previous = next;
        }

        if (previous is not null)
        {
            yield return previous;
        }
    }

    private async Task<Batch> DecodeAsync(T[] images, CancellationToken cancel)
    {
        byte[]?[] pixels = new byte[]?[images.Length];
        string?[] failures = new string?[images.Length];
        string?[] notes = new string?[images.Length];
        ParallelOptions options = new() { MaxDegreeOfParallelism = threads, CancellationToken = cancel };
        await Parallel
            .ForAsync(0, images.Length, options, async (i, stop) =>
            {
                try
                {
                    byte[] file = await read(images[i], stop).ConfigureAwait(false);
                    pixels[i] = preprocessor.Render(file, name(images[i]), out ImageHeader? header);
                    notes[i] = header?.Note;
                }
                catch (ImageException error)
                {
                    failures[i] = error.Reason;
                }
            })
            .ConfigureAwait(false);
        return new([.. images.Select(name)], pixels, failures, notes);
    }

    private PredictionResult[] Finish(Batch batch)
    {
        byte[][] usable = [.. batch.Pixels.OfType<byte[]>()];
        byte[] images = new byte[usable.Sum(image => image.Length)]; // [N,3,H,W]
        int offset = 0;
        foreach (byte[] image in usable)
        {
            image.CopyTo(images, offset);
            offset += image.Length;
        }

        Queue<ImagePrediction> predictions = new(usable.Length == 0 ? [] : classify(images, usable.Length));
        PredictionTelemetry.Count(usable.Length, batch.Names.Length - usable.Length);
        return
        [
            .. batch.Names.Select(
                (image, i) =>
                    batch.Failures[i] is string reason
                        ? new PredictionResult(image, null, reason)
                        : new PredictionResult(image, predictions.Dequeue() with { Note = batch.Notes[i] }, null)
            ),
        ];
    }

    private sealed record Batch(string[] Names, byte[]?[] Pixels, string?[] Failures, string?[] Notes);
}
