using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Training.Run;
using TorchSharp;

namespace Graft.Training.Extraction;

/// <summary>
/// Runs each view of each image through the frozen prefix and stores the outputs. Each worker decodes images and runs
/// the network on its own thread, so decoding and the network overlap. A row depends only on its image and view.
/// </summary>
/// <param name="makePrefix">
/// Makes the network. Called when the first row is computed, so not where the cache has all rows.
/// </param>
/// <param name="isTorch">True for a network of libtorch. Each thread then computes alone.</param>
internal sealed class ViewExtractor(
    Func<IFrozenNetwork> makePrefix,
    Preprocessor preprocessor,
    long seed,
    int threads,
    ActivationCache? cache,
    bool isTorch = false
) : IDisposable
{
    private static readonly CacheStream s_decoding = new(
        "any",
        "whether an image can be decoded",
        Preprocessor.RenderingVersion
    );
    private readonly ConcurrentBag<float[]> _pixels = [];
    private Lazy<IFrozenNetwork> _prefix = new(makePrefix);

    /// <summary>Decodes images and brings them into the form that the network takes.</summary>
    public Preprocessor Preprocessor => preprocessor;

    /// <summary>Computes the values of an image's view at one output of the prefix, in the network's order.</summary>
    public Func<LabelledImage, int, float[]> RowsOf(int output) => (image, view) => Compute(image, view, output);

    /// <summary>Computes the missing rows of some images and views.</summary>
    /// <returns>The images that could not be decoded. They have no rows.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was triggered.</exception>
    public IReadOnlyList<RejectedImage> Run(
        ViewWork wanted,
        IProgress<TrainingEvent>? progress,
        CancellationToken cancel,
        string phase = PhaseNames.Extraction
    )
    {
        ConcurrentBag<RejectedImage> rejected = [];
        List<(ExtractionItem Item, int[] Views)> work =
        [
            .. wanted
                .Items.Select(item => (item, wanted.Missing(item)))
                .Where(open => open.Item2.Length > 0 || IsDecodingOpen(open.item, wanted)),
        ];
        ExtractionProgress reached = new(progress, phase, work.Sum(open => (long)open.Views.Length));
        // ONNX Runtime keeps its memory for the next image; libtorch allocates it again
        using IDisposable? apart = isTorch ? null : ProcessMemory.KeepLargeBlocksApart(ProcessMemory.ImageBlock);
        int torchThreads = isTorch ? torch.get_num_threads() : 0;
        try
        {
            Workers.Run(work, threads, ExtractOne, cancel, begin: isTorch ? () => torch.set_num_threads(1) : null);
        }
        finally
        {
            End(torchThreads);
        }

        return [.. rejected.OrderBy(image => image.Path, StringComparer.Ordinal)];

        void ExtractOne((ExtractionItem Item, int[] Views) open)
        {
            try
            {
                Extract(open.Item, open.Views, wanted.Stores);
            }
            catch (ImageException bad)
            {
                rejected.Add(RejectedImage.Of(open.Item.Image.Name, bad));
            }

            reached.Add(open.Views.Length);
        }
    }

    private void End(int torchThreads)
    {
        if (isTorch)
        {
            torch.set_num_threads(torchThreads); // also the default of new threads, which the workers have changed
        }

        cache?.Flush(); // a run that is stopped goes on from here
        Dispose(); // a network's workspaces are large; whoever asks for a row that is not kept gets a new one
        _prefix = new(makePrefix);
        ProcessMemory.Return();
    }

    public void Dispose()
    {
        if (_prefix.IsValueCreated)
        {
            _prefix.Value.Dispose();
        }
    }

    // An image without rows is decoded once, which shows whether it is usable.
    private bool IsDecodingOpen(ExtractionItem item, ViewWork wanted) =>
        item.Views == 0
        && wanted.Views.HasPlain
        && cache?.Get(CacheKey.OfDecoding(item.Image.ContentHash, preprocessor.Limits)) is null;

    private void Extract(ExtractionItem item, int[] views, IReadOnlyList<ActivationStore> stores)
    {
        byte[] bytes = Read(item.Image);
        if (item.Views == 0)
        {
            preprocessor.Render(bytes, item.Image.Name);
            cache?.Add(CacheKey.OfDecoding(item.Image.ContentHash, preprocessor.Limits), s_decoding, [1]);
            return;
        }

        Render(bytes, item.Image, views, (some, pixels) =>
        {
            IReadOnlyList<float[]> outputs = _prefix.Value.Run(pixels, some.Length);
            for (int o = 0; o < stores.Count; o++)
            {
                for (int i = 0; i < some.Length && stores[o].IsViewKept(some[i]); i++)
                {
                    stores[o].Write(item.FirstRow + some[i], outputs[o].AsSpan(i * stores[o].Length, stores[o].Length));
                }
            }
        });
    }

    private float[] Compute(LabelledImage image, int view, int output)
    {
        try
        {
            float[]? values = null;
            Render(Read(image), image, [view], (_, pixels) => values = _prefix.Value.Run(pixels, 1)[output]);
            return values!;
        }
        catch (ImageException bad)
        {
            throw new GraftException($"'{Printable.Text(image.Name)}' cannot be used any more: {bad.Reason}", bad);
        }
    }

    // An array has several megabytes and is reused, because they would pile up before a collection.
    private void Render(byte[] bytes, LabelledImage image, int[] numbers, Action<int[], float[]> use)
    {
        int batch = Math.Min(_prefix.Value.Batch, numbers.Length);
        ImageView[] views = Array.ConvertAll(numbers, v =>
            v == 0 ? ImageView.Plain : new ImageView((uint)v, (ulong)seed)
        );
        byte[] planes = ArrayPool<byte>.Shared.Rent(views.Length * preprocessor.PixelBytes);
        int values = batch * preprocessor.PixelBytes;
        float[] pixels =
            _pixels.TryTake(out float[]? before) && before.Length == values
                ? before
                : GC.AllocateUninitializedArray<float>(values);
        try
        {
            preprocessor.Render(bytes, image.Name, views, planes);
            for (int i = 0; i < views.Length; i += batch)
            {
                int[] some = numbers[i..Math.Min(i + batch, views.Length)];
                Span<float> rendered = pixels.AsSpan(0, some.Length * preprocessor.PixelBytes);
                System.Numerics.Tensors.TensorPrimitives.ConvertTruncating<byte, float>(
                    planes.AsSpan(i * preprocessor.PixelBytes, rendered.Length),
                    rendered
                );
                use(some, rendered.Length == values ? pixels : rendered.ToArray());
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(planes);
            _pixels.Add(pixels);
        }
    }

    // A row stored under the hash of an image must come from exactly this image.
    private byte[] Read(LabelledImage image)
    {
        byte[] bytes = image.ReadBytes(preprocessor.Limits);
        return Convert.ToHexStringLower(SHA256.HashData(bytes)) == image.ContentHash
            ? bytes
            : throw new ImageException(image.Name, "it was changed after it had been read; start again");
    }
}
