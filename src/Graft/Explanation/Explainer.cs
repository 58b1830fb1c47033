using System.Numerics.Tensors;
using Graft.Imaging;
using Graft.Onnx;
using Graft.Prediction;

namespace Graft.Explanation;

/// <summary>
/// Shows which places of an image speak for a class: the class activation map (Zhou et al. 2016, section 2), for any
/// head of an exported model. It needs the model file only.
/// </summary>
/// <remarks>
/// The contribution of a place is its features times the gradient of the class's score along them (HiResCAM, Draelos
/// and Carin 2020). Where the head is linear on averages this equals the class activation map and Grad-CAM (Selvaraju
/// et al. 2017, section 3), and the contributions sum to the score less its bias. A head that sees several stages gets
/// the sum of their maps. Immutable and thread-safe.
/// </remarks>
public sealed class Explainer : IDisposable
{
    private readonly Predictor _predictor;
    private readonly Preprocessor _preprocessor;
    private readonly ClassifierHead _head;
    private readonly OnnxSession _maps;

    private Explainer(Predictor predictor, Preprocessor preprocessor, ClassifierHead head, OnnxSession maps) =>
        (_predictor, _preprocessor, _head, _maps) = (predictor, preprocessor, head, maps);

    /// <summary>The model's card.</summary>
    public ModelCard Card => _predictor.Card;

    /// <summary>Loads a model file and checks it as <see cref="Predictor"/> does.</summary>
    /// <param name="path">Path of the .onnx file.</param>
    /// <param name="options">Threads and limits; by default those of <see cref="PredictorOptions"/>.</param>
    /// <exception cref="OnnxException">
    /// The file cannot be read, is no classifier that Graft exported, or has no feature maps, as some transformers.
    /// </exception>
    /// <exception cref="ModelCardException">The card or the self-test is wrong.</exception>
    /// <exception cref="GraftException">An option is out of range, or a native library is missing.</exception>
    public static Explainer Load(string path, PredictorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Load(ModelBytes.Read(path, (options ?? new()).Limits.Onnx), path, options);
    }

    /// <summary>Loads a model from memory and checks it in the same way as a file.</summary>
    /// <param name="model">Bytes of the .onnx file. They are not kept.</param>
    /// <param name="name">Name of the model in error messages.</param>
    /// <param name="options">Threads and limits; by default those of <see cref="PredictorOptions"/>.</param>
    /// <exception cref="OnnxException">
    /// The bytes are no classifier that Graft exported, or it has no feature maps, as some transformers.
    /// </exception>
    /// <exception cref="ModelCardException">The card or the self-test is wrong.</exception>
    /// <exception cref="GraftException">An option is out of range, or a native library is missing.</exception>
    public static Explainer Load(byte[] model, string name, PredictorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(name);
        options ??= new();
        Predictor predictor = Predictor.Load(model, name, options);
        OnnxSession? maps = null;
        try
        {
            OnnxModel network = OnnxModel.Parse(model, name, options.Limits.Onnx);
            ClassifierHead head = ClassifierHead.Find(network, name);
            maps = MapsOf(network, head, name, options.Threads);
            Explainer explainer = new(predictor, new(predictor.Card.Preprocessing, options.Limits.Image), head, maps);
            explainer.Maps(new byte[explainer._preprocessor.PixelBytes]); // throws where an edge is no map
            return explainer;
        }
        catch
        {
            maps?.Dispose();
            predictor.Dispose();
            throw;
        }
    }

    /// <summary>Explains the class of an image file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="label">The class to explain; null: the most probable one.</param>
    /// <exception cref="ImageException">The file cannot be used.</exception>
    /// <exception cref="ArgumentException">The model has no such class.</exception>
    public ImageExplanation Explain(string path, string? label = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Explain(ImageFile.Read(path, _preprocessor.Limits), path, label);
    }

    /// <summary>Explains the class of the image in a stream, which is read to its end and stays open.</summary>
    /// <param name="stream">Content of an image file.</param>
    /// <param name="name">Name of the image in error messages.</param>
    /// <param name="label">The class to explain; null: the most probable one.</param>
    /// <exception cref="ImageException">The content cannot be used.</exception>
    /// <exception cref="ArgumentException">The model has no such class.</exception>
    public ImageExplanation Explain(Stream stream, string name = "stream", string? label = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        return Explain(ImageFile.Read(stream, name, _preprocessor.Limits), name, label);
    }

    /// <summary>Explains the class of an image in memory.</summary>
    /// <param name="bytes">Content of an image file.</param>
    /// <param name="name">Name of the image in error messages.</param>
    /// <param name="label">The class to explain; null: the most probable one.</param>
    /// <exception cref="ImageException">The content cannot be used.</exception>
    /// <exception cref="ArgumentException">The model has no such class.</exception>
    public ImageExplanation Explain(byte[] bytes, string name = "image", string? label = null)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentNullException.ThrowIfNull(name);
        (ImagePrediction prediction, byte[] pixels) = _predictor.PredictPixels(bytes, name);
        string explained = label ?? prediction.Label;
        int number = Card.Labels.ToList().IndexOf(explained);
        if (number < 0)
        {
            throw new ArgumentException(
                $"The model has no class of this name; it has {Card.Labels.Count}.",
                nameof(label)
            );
        }

        return new(prediction, explained, HeatOf(Maps(pixels), number), pixels, Card.Preprocessing);
    }

    /// <summary>Frees the network.</summary>
    public void Dispose()
    {
        _maps.Dispose();
        _predictor.Dispose();
    }

    /// <summary>The contributions to the score of a class, and the score, for tests.</summary>
    internal (double[] Contributions, double Score) Contributions(byte[] pixels, int label)
    {
        IReadOnlyList<FeatureMap> maps = Maps(pixels);
        return (Sum(maps, label, out _, out double score).Values, score);
    }

    private HeatMap HeatOf(IReadOnlyList<FeatureMap> maps, int label)
    {
        ContributionGrid grid = Sum(maps, label, out FeatureMap smallest, out _);
        return HeatMap.Of(smallest.Width, smallest.Height, grid.Values);
    }

    private ContributionGrid Sum(IReadOnlyList<FeatureMap> maps, int label, out FeatureMap smallest, out double score)
    {
        IReadOnlyList<double[]> gradients = _head.Gradients(maps, label, out score);
        smallest = maps.MinBy(map => map.Area)!;
        ContributionGrid grid = new(smallest.Width, smallest.Height);
        for (int i = 0; i < maps.Count; i++)
        {
            grid.Add(maps[i].Contributions(gradients[i], _head.Leaves[i].Kind), maps[i].Width);
        }

        return grid;
    }

    private static OnnxSession MapsOf(OnnxModel model, ClassifierHead head, string name, int threads)
    {
        OnnxModel body = model.Clone();
        body.Graph.Output.Clear();
        body.Graph.Output.Add(
            head.Leaves.Select(leaf => leaf.Map).Distinct().Select(map => new ValueInfoProto { Name = map })
        );
        return new(body, name, threads);
    }

    // The map of each leaf for one image. Pixels are [3,H,W].
    private IReadOnlyList<FeatureMap> Maps(byte[] pixels)
    {
        float[] image = new float[pixels.Length];
        TensorPrimitives.ConvertChecked<byte, float>(pixels, image);
        Preprocessing preprocessing = Card.Preprocessing;
        IReadOnlyList<OnnxOutput> outputs = _maps.Run(image, 1, 3, preprocessing.Height, preprocessing.Width);
        Dictionary<string, FeatureMap?> maps = _maps
            .OutputNames.Zip(outputs, (name, output) => (name, map: FeatureMap.Of(output)))
            .ToDictionary(pair => pair.name, pair => pair.map);
        return
        [
            .. _head.Leaves.Select(leaf =>
                maps[leaf.Map]
                ?? throw new OnnxException(_maps.Name, "its body has no feature map, so no place can be shown")
            ),
        ];
    }
}
