using System.IO.Compression;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Prediction;

namespace Graft.Explanation;

/// <summary>
/// Finds the training images that look to a model most like an image: by the angle between their features, which the
/// file beside the model holds (<see cref="NeighbourFile"/>). All of them are compared. Thread-safe.
/// </summary>
public sealed class NearestImages : IDisposable
{
    private const int MostThumbnailBytes = 1 << 20;
    private const long MostListBytes = 1L << 30;

    private readonly FeatureNetwork _network;
    private readonly ZipArchive _archive;
    private readonly Lock _reading = new(); // an archive gives one entry at a time
    private readonly NeighbourList _list;
    private readonly Half[] _features; // [N,F], rows of length 1
    private readonly string _path;

    private NearestImages(string path, FeatureNetwork network, ZipArchive archive, NeighbourList list, Half[] features)
    {
        (_path, _network, _archive, _list, _features) = (path, network, archive, list, features);
    }

    /// <summary>Number of training images.</summary>
    public int Count => _list.Images.Count;

    /// <summary>Whether a model has the file with its training images beside it.</summary>
    /// <param name="modelPath">Path of the .onnx file.</param>
    public static bool ExistFor(string modelPath) => File.Exists(NeighbourFile.PathBeside(modelPath));

    /// <summary>Loads a model and the file beside it.</summary>
    /// <param name="modelPath">Path of the .onnx file.</param>
    /// <param name="options">Threads and limits; by default those of <see cref="PredictorOptions"/>.</param>
    /// <exception cref="Onnx.OnnxException">The model cannot be read, or has no novelty score.</exception>
    /// <exception cref="ModelCardException">The card is wrong.</exception>
    /// <exception cref="GraftException">
    /// The file beside the model is missing, damaged, or belongs to another model; or an option is out of range.
    /// </exception>
    public static NearestImages Load(string modelPath, PredictorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(modelPath);
        options = (options ?? new()).Checked();
        byte[] model = ModelBytes.Read(modelPath, options.Limits.Onnx);
        string path = NeighbourFile.PathBeside(modelPath);
        ZipArchive archive = Open(path);
        FeatureNetwork? network = null;
        try
        {
            NeighbourList list = NeighbourList.Parse(Read(archive, path, NeighbourFile.ListName, MostListBytes))
                ?? throw Damaged(path);
            Check(list, path, Convert.ToHexStringLower(SHA256.HashData(model)));
            Half[] features = Features(archive, path, list);
            network = FeatureNetwork.Load(model, modelPath, options);
            return new(path, network, archive, list, features);
        }
        catch
        {
            network?.Dispose();
            archive.Dispose();
            throw;
        }
    }

    /// <summary>The training images that look most like an image file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="count">Most images to find, 1 or more.</param>
    /// <returns>The nearest one first.</returns>
    /// <exception cref="ImageException">The file cannot be used.</exception>
    /// <exception cref="GraftException">A thumbnail is damaged.</exception>
    public IReadOnlyList<NearImage> Find(string path, int count = 5)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Find(ImageFile.Read(path, _network.Preprocessor.Limits), path, count);
    }

    /// <summary>The training images that look most like an image in memory.</summary>
    /// <param name="bytes">Content of an image file.</param>
    /// <param name="name">Name of the image in error messages.</param>
    /// <param name="count">Most images to find, 1 or more.</param>
    /// <returns>The nearest one first; equally near ones in the order of the file.</returns>
    /// <exception cref="ImageException">The content cannot be used.</exception>
    /// <exception cref="GraftException">A thumbnail is damaged.</exception>
    public IReadOnlyList<NearImage> Find(byte[] bytes, string name = "image", int count = 5)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        float[] features = _network.Run(_network.Preprocessor.Render(bytes, name), 1);
        if (features.Length != _list.FeatureCount)
        {
            throw Damaged(_path);
        }

        double[] distances = Distances(features);
        return
        [
            .. Enumerable
                .Range(0, Count)
                .OrderBy(number => distances[number])
                .Take(count)
                .Select(number => NearOf(number, distances[number])),
        ];
    }

    /// <summary>Frees the network and closes the file.</summary>
    public void Dispose()
    {
        _network.Dispose();
        _archive.Dispose();
    }

    private double[] Distances(float[] features)
    {
        double[] distances = new double[Count];
        float[] row = new float[features.Length];
        for (int n = 0; n < distances.Length; n++)
        {
            TensorPrimitives.ConvertToSingle(_features.AsSpan(n * row.Length, row.Length), row);
            distances[n] = Math.Clamp(1 - (double)TensorPrimitives.Dot<float>(features, row), 0, 2);
        }

        return distances;
    }

    private NearImage NearOf(int number, double distance)
    {
        NeighbourEntry entry = _list.Images[number];
        lock (_reading)
        {
            return new(entry.Name, entry.Labels, entry.Sha256, distance)
            {
                Thumbnail = Read(_archive, _path, NeighbourFile.ThumbnailName(number), MostThumbnailBytes),
            };
        }
    }

    private static ZipArchive Open(string path)
    {
        try
        {
            return ZipFile.OpenRead(path);
        }
        catch (FileNotFoundException error)
        {
            throw new GraftException(
                $"'{Printable.Text(path)}' is missing: the model was trained without it; train again with neighbours",
                error
            )
            {
                Option = "WithNeighbours",
            };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw Damaged(path, error);
        }
    }

    private static void Check(NeighbourList list, string path, string modelHash)
    {
        string? problem =
            list.Version != NeighbourList.CurrentVersion ? $"it has version {list.Version}; update Graft"
            : list.ModelSha256 != modelHash ? "it belongs to another model; train again, or remove it"
            : null;
        if (problem is not null)
        {
            throw new GraftException($"'{Printable.Text(path)}' cannot be used: {problem}") { Subject = path };
        }
    }

    private static Half[] Features(ZipArchive archive, string path, NeighbourList list)
    {
        long bytes = 2L * list.Images.Count * list.FeatureCount;
        byte[] content = bytes <= Array.MaxLength ? Read(archive, path, NeighbourFile.FeaturesName, bytes) : [];
        return content.Length == bytes ? MemoryMarshal.Cast<byte, Half>(content).ToArray() : throw Damaged(path);
    }

    // An entry may be longer than it says, so that its stream is not trusted either.
    private static byte[] Read(ZipArchive archive, string path, string name, long most)
    {
        try
        {
            if (archive.GetEntry(name) is not { } entry || entry.Length > most)
            {
                throw Damaged(path);
            }

            byte[] content = new byte[entry.Length];
            using Stream stream = entry.Open();
            stream.ReadExactly(content);
            return content;
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            throw Damaged(path, error);
        }
    }

    private static GraftException Damaged(string path, Exception? inner = null) =>
        new($"'{Printable.Text(path)}' is damaged; train the model again with its neighbours", inner)
        {
            Subject = path,
        };
}
