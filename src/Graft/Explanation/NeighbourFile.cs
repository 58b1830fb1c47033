using System.IO.Compression;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Prediction;
using NetVips;

namespace Graft.Explanation;

/// <summary>
/// The file beside a model that holds its training images as features, hashes and thumbnails, for
/// <see cref="NearestImages"/>: a zip archive that shows parts of the training images to everybody who has it.
/// </summary>
public static class NeighbourFile
{
    /// <summary>Name of the list of images in the archive.</summary>
    internal const string ListName = "neighbours.json";

    /// <summary>Name of the features in the archive: half precision, little-endian, [N,F].</summary>
    internal const string FeaturesName = "features.f16";

    /// <summary>The longer side of a thumbnail.</summary>
    internal const int ThumbnailPixels = 96;

    private const int Quality = 70;
    private const int BatchSize = 32;

    // archives of the same images have the same bytes
    private static readonly DateTimeOffset s_noTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// Path of the file that belongs to a model: model.neighbours.zip for model.onnx. A name with another ending gets
    /// ".neighbours.zip" behind it.
    /// </summary>
    /// <param name="modelPath">Path of the model.</param>
    public static string PathBeside(string modelPath)
    {
        ArgumentNullException.ThrowIfNull(modelPath);
        string name = modelPath.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) ? modelPath[..^5] : modelPath;
        return name + ".neighbours.zip";
    }

    /// <summary>
    /// Writes the file beside a model, to <see cref="PathBeside"/>: two bytes a feature, and about two kilobytes of
    /// thumbnail, for each image. The file is complete or absent; an existing one is replaced.
    /// </summary>
    /// <param name="modelPath">Path of the .onnx file, whose network computes the features.</param>
    /// <param name="images">The training images: one or more.</param>
    /// <param name="options">Threads and limits; by default those of <see cref="PredictorOptions"/>.</param>
    /// <param name="cancel">Stops the writing.</param>
    /// <exception cref="Onnx.OnnxException">The model cannot be read, or has no novelty score.</exception>
    /// <exception cref="ImageException">An image cannot be used.</exception>
    /// <exception cref="GraftException">There is no image, or the file cannot be written.</exception>
    public static void Write(
        string modelPath,
        IEnumerable<NeighbourSource> images,
        PredictorOptions? options = null,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(modelPath);
        ArgumentNullException.ThrowIfNull(images);
        options = (options ?? new()).Checked();
        byte[] model = ModelBytes.Read(modelPath, options.Limits.Onnx);
        string hash = Convert.ToHexStringLower(SHA256.HashData(model));
        string path = PathBeside(modelPath);
        Vips.Prepare();
        using FeatureNetwork network = FeatureNetwork.Load(model, modelPath, options);
        try
        {
            AtomicFile.Write(path, stream => Fill(stream, network, hash, images, cancel));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            string reason = Printable.Text(error.Message.TrimEnd('.'));
            throw new GraftException($"'{Printable.Text(path)}' cannot be written: {reason}", error);
        }
    }

    /// <summary>Name of an image's thumbnail in the archive.</summary>
    internal static string ThumbnailName(int number) => $"thumbnails/{number}.jpg";

    private static void Fill(
        Stream stream,
        FeatureNetwork network,
        string hash,
        IEnumerable<NeighbourSource> images,
        CancellationToken cancel
    )
    {
        using ZipArchive archive = new(stream, ZipArchiveMode.Create, leaveOpen: true);
        List<NeighbourEntry> entries = [];
        List<Half[]> rows = [];
        foreach (NeighbourSource[] batch in images.Chunk(BatchSize))
        {
            cancel.ThrowIfCancellationRequested();
            ReadImage[] read = new ReadImage[batch.Length];
            byte[] pixels = new byte[batch.Length * network.Preprocessor.PixelBytes];
            ForEach(batch.Length, i =>
                read[i] = Read(batch[i].Image, network.Preprocessor, pixels.AsSpan(i * network.Preprocessor.PixelBytes))
            );
            float[] features = network.Run(pixels, batch.Length);
            int count = features.Length / batch.Length;
            for (int i = 0; i < batch.Length; i++)
            {
                Add(archive, ThumbnailName(entries.Count), [read[i].Thumbnail]);
                entries.Add(new(batch[i].Image.Name, batch[i].Labels, read[i].Hash));
                rows.Add(Array.ConvertAll(features[(i * count)..((i + 1) * count)], value => (Half)value));
            }
        }

        if (rows.Count == 0)
        {
            throw new GraftException("there is no training image to compare others with");
        }

        NeighbourList list = new(NeighbourList.CurrentVersion, hash, rows[0].Length, entries);
        Add(archive, FeaturesName, rows.Select(row => MemoryMarshal.AsBytes<Half>(row).ToArray()));
        Add(archive, ListName, [list.ToBytes()], CompressionLevel.Optimal);
    }

    private static ReadImage Read(NamedImage image, Preprocessor preprocessor, Span<byte> pixels)
    {
        using Stream stream = image.Open(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        byte[] bytes = ImageFile.Read(stream, image.Name, preprocessor.Limits);
        preprocessor.Render(bytes, image.Name).CopyTo(pixels);
        return new(
            Convert.ToHexStringLower(SHA256.HashData(bytes)),
            Thumbnail(bytes, image.Name, preprocessor.Limits)
        );
    }

    // On all processors. The first image that cannot be used is the error, as in a loop.
    private static void ForEach(int count, Action<int> work)
    {
        try
        {
            Parallel.For(0, count, work);
        }
        catch (AggregateException error)
        {
            ExceptionDispatchInfo.Throw(error.Flatten().InnerExceptions[0]);
        }
    }

    private static byte[] Thumbnail(byte[] bytes, string name, DecodeLimits limits)
    {
        using DecodedImage decoded = ImageDecoder.Decode(
            bytes,
            name,
            limits,
            (width, height) => Math.Max(1, Math.Max(width, height) / ThumbnailPixels)
        );
        using Image whole = Image.NewFromMemoryCopy(
            decoded.Pixels,
            decoded.Width,
            decoded.Height,
            3,
            Enums.BandFormat.Uchar
        );
        using Image named = whole.Copy(interpretation: Enums.Interpretation.Srgb);
        using Image small = named.ThumbnailImage(ThumbnailPixels, height: ThumbnailPixels, size: Enums.Size.Down);
        return small.JpegsaveBuffer(q: Quality);
    }

    private static void Add(
        ZipArchive archive,
        string name,
        IEnumerable<byte[]> content,
        CompressionLevel level = CompressionLevel.NoCompression
    )
    {
        ZipArchiveEntry entry = archive.CreateEntry(name, level);
        entry.LastWriteTime = s_noTime;
        using Stream stream = entry.Open();
        foreach (byte[] piece in content)
        {
            stream.Write(piece);
        }
    }

    private sealed record ReadImage(string Hash, byte[] Thumbnail);
}
