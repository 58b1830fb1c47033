using Graft.Imaging;
using Graft.Onnx;

namespace Graft.Prediction;

/// <summary>
/// A classifier loaded from one ONNX file that Graft has exported. Immutable and thread-safe: load it once, keep it,
/// share it. Needs ONNX Runtime and libvips, not TorchSharp.
/// Dispose it when the last call has ended.
/// </summary>
public sealed class Predictor : IDisposable
{
    private readonly ClassifierNetwork _network;
    private readonly Preprocessor _preprocessor;
    private readonly int _threads;
    private volatile bool _isDisposed;

    private Predictor(ModelCard card, ClassifierNetwork network, PredictorOptions options)
    {
        Card = card;
        _network = network;
        _preprocessor = new Preprocessor(card.Preprocessing, options.Limits.Image);
        _threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
    }

    /// <summary>What the file says of itself.</summary>
    public ModelCard Card { get; }

    /// <summary>
    /// Loads a model and checks it: its form, its card, that labels and output fit, and that the self-test's answer is
    /// the one it had when it was made.
    /// </summary>
    /// <exception cref="OnnxException">The file cannot be read, is not ONNX, or is no classifier of
    /// Graft's.</exception>
    /// <exception cref="ModelCardException">Its card is missing, damaged or of an unknown version, or the self-test
    /// gives another answer.</exception>
    public static Predictor Load(string path, PredictorOptions? options = null) =>
        Load(ModelBytes.Read(path, (options ?? new()).Limits.Onnx), path, options);

    /// <summary>The same from memory.</summary>
    /// <param name="model">The bytes of the file; not kept.</param>
    /// <param name="name">What error messages call it.</param>
    public static Predictor Load(byte[] model, string name, PredictorOptions? options = null)
    {
        options = (options ?? new PredictorOptions()).Checked();
        string? json = ModelBytes.Metadata(model, name, ModelCard.MetadataKey, options.Limits.Onnx);
        Task<ClassifierNetwork> making = Task.Run(() => new ClassifierNetwork(model, name, options.Threads));
        try
        {
            // while ONNX Runtime prepares the network: a cold start is a third shorter
            ModelCard card = ModelCard.Parse(json, name);
            Vips.Prepare();
            ClassifierNetwork network = making.GetAwaiter().GetResult();
            card.SelfTest.Run(card.Preprocessing, network, name);
            return new Predictor(card, network, options);
        }
        catch
        {
            _ = making.ContinueWith(
                made => made.Result.Dispose(),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion,
                TaskScheduler.Default
            );
            throw;
        }
    }

    /// <summary>Classifies an image file.</summary>
    /// <exception cref="ImageException">It cannot be read, is not an image, is damaged or is over a limit.</exception>
    public ImagePrediction Predict(string path) => Predict(_preprocessor.Render(path), 1)[0];

    /// <summary>Classifies the image in a stream, which is read to its end and stays open.</summary>
    /// <param name="name">What error messages call it.</param>
    /// <exception cref="ImageException">It is empty, not an image, damaged or over a limit.</exception>
    public ImagePrediction Predict(Stream stream, string name = "stream") =>
        Predict(_preprocessor.Render(stream, name), 1)[0];

    /// <summary>Classifies the image whose file <paramref name="bytes"/> holds.</summary>
    /// <param name="name">What error messages call it.</param>
    /// <exception cref="ImageException">It is not an image, is damaged or is over a limit.</exception>
    public ImagePrediction Predict(byte[] bytes, string name = "image") =>
        Predict(_preprocessor.Render(bytes, name), 1)[0];

    /// <summary>
    /// Classifies many image files, in their order, decoding some while the network works on others. A file that cannot
    /// be used fails alone.
    /// </summary>
    /// <returns>One result a path, made as they are asked for.</returns>
    public IEnumerable<PredictionResult> PredictMany(IEnumerable<string> paths, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return new PredictionBatches(_preprocessor, _threads).Run(paths, Predict, cancel);
    }

    /// <summary>Frees the network. Calls made afterwards throw.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _network.Dispose();
    }

    // [N,3,H,W] bytes, one plane a colour.
    private ImagePrediction[] Predict(ReadOnlySpan<byte> pixels, int count)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        float[] images = new float[pixels.Length];
        System.Numerics.Tensors.TensorPrimitives.ConvertChecked<byte, float>(pixels, images);
        (float[] probabilities, float[]? unfamiliarity) = _network.RunAll(images, count, Card.Preprocessing); // [N,C]
        ImagePrediction[] predictions = new ImagePrediction[count];
        for (int i = 0; i < count; i++)
        {
            predictions[i] = ImagePrediction.From(
                probabilities.AsSpan(i * Card.Labels.Count, Card.Labels.Count),
                Card
            ) with
            {
                Unfamiliarity = unfamiliarity?[i],
            };
        }

        return predictions;
    }
}
