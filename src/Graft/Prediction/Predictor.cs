using System.Numerics.Tensors;
using Graft.Imaging;
using Graft.Onnx;

namespace Graft.Prediction;

/// <summary>
/// Image classifier loaded from one ONNX file that Graft exported. It needs ONNX Runtime and libvips, but not
/// TorchSharp.
/// </summary>
/// <remarks>Immutable and thread-safe: load it once, share it, and dispose it after the last call.</remarks>
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

    /// <summary>The model's card: labels, preprocessing, origin, scores.</summary>
    public ModelCard Card { get; }

    /// <summary>
    /// Loads a model file and checks its form, its card, the number of its outputs and its self-test.
    /// </summary>
    /// <param name="path">Path of the .onnx file.</param>
    /// <param name="options">Threads and limits; by default those of <see cref="PredictorOptions"/>.</param>
    /// <exception cref="OnnxException">
    /// The file cannot be read, is not ONNX, or is not a classifier that Graft exported.
    /// </exception>
    /// <exception cref="ModelCardException">
    /// The card is missing, damaged or of an unknown version, or the self-test returns another answer.
    /// </exception>
    /// <exception cref="GraftException">An option is out of range, or a native library is missing.</exception>
    public static Predictor Load(string path, PredictorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Load(ModelBytes.Read(path, (options ?? new()).Limits.Onnx), path, options);
    }

    /// <summary>Loads a model from memory and checks it in the same way as a file.</summary>
    /// <param name="model">Bytes of the .onnx file. They are not kept.</param>
    /// <param name="name">Name of the model in error messages.</param>
    /// <param name="options">Threads and limits; by default those of <see cref="PredictorOptions"/>.</param>
    /// <exception cref="OnnxException">The bytes are not ONNX, or not a classifier that Graft exported.</exception>
    /// <exception cref="ModelCardException">
    /// The card is missing, damaged or of an unknown version, or the self-test returns another answer.
    /// </exception>
    /// <exception cref="GraftException">An option is out of range, or a native library is missing.</exception>
    public static Predictor Load(byte[] model, string name, PredictorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(name);
        options = (options ?? new PredictorOptions()).Checked();
        string? json = ModelBytes.Metadata(model, name, ModelCard.MetadataKey, options.Limits.Onnx);
        Task<ClassifierNetwork> creation = Task.Run(() => new ClassifierNetwork(model, name, options.Threads));
        try
        {
            // ONNX Runtime prepares the network meanwhile, which shortens a cold start by a third
            ModelCard card = ModelCard.Parse(json, name);
            Vips.Prepare();
            ClassifierNetwork network = creation.GetAwaiter().GetResult();
            card.SelfTest.Run(card.Preprocessing, network, name, card.Precision);
            return new Predictor(card, network, options);
        }
        catch
        {
            _ = creation.ContinueWith(
                created => created.Result.Dispose(),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion,
                TaskScheduler.Default
            );
            throw;
        }
    }

    /// <summary>Classifies an image file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="ImageException">
    /// The file cannot be read, is no image, is damaged or exceeds a limit.
    /// </exception>
    public ImagePrediction Predict(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return PredictionTelemetry.Predict(() => Classify(ImageFile.Read(path, _preprocessor.Limits), path));
    }

    /// <summary>Classifies the image in a stream, which is read to its end and stays open.</summary>
    /// <param name="stream">Content of an image file.</param>
    /// <param name="name">Name of the image in error messages.</param>
    /// <exception cref="ImageException">The stream is empty, no image, damaged or exceeds a limit.</exception>
    public ImagePrediction Predict(Stream stream, string name = "stream")
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        return PredictionTelemetry.Predict(() => Classify(ImageFile.Read(stream, name, _preprocessor.Limits), name));
    }

    /// <summary>Classifies an image in memory.</summary>
    /// <param name="bytes">Content of an image file.</param>
    /// <param name="name">Name of the image in error messages.</param>
    /// <exception cref="ImageException">The content is no image, is damaged or exceeds a limit.</exception>
    public ImagePrediction Predict(byte[] bytes, string name = "image")
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentNullException.ThrowIfNull(name);
        return PredictionTelemetry.Predict(() => Classify(bytes, name));
    }

    /// <summary>Classifies an image in memory, and gives what the network saw of it.</summary>
    /// <param name="bytes">Content of an image file.</param>
    /// <param name="name">Name of the image in error messages.</param>
    /// <exception cref="ImageException">The content is no image, is damaged or exceeds a limit.</exception>
    internal (ImagePrediction Prediction, byte[] Pixels) PredictPixels(byte[] bytes, string name)
    {
        byte[] pixels = [];
        return (PredictionTelemetry.Predict(() => Classify(bytes, name, out pixels)), pixels);
    }

    /// <summary>Classifies an image file on a thread of the pool.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="cancel">Cancels the call before the work starts; a started prediction is completed.</param>
    /// <exception cref="ImageException">
    /// The file cannot be read, is no image, is damaged or exceeds a limit.
    /// </exception>
    public Task<ImagePrediction> PredictAsync(string path, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Task.Run(() => Predict(path), cancel);
    }

    /// <summary>
    /// Classifies the image in a stream, which is read asynchronously to its end and stays open: the body of an HTTP
    /// request, for example.
    /// </summary>
    /// <param name="stream">Content of an image file. Only its asynchronous methods are called.</param>
    /// <param name="cancel">Cancels the reading; a started prediction is completed.</param>
    /// <exception cref="ImageException">The stream is empty, no image, damaged or exceeds a limit.</exception>
    public Task<ImagePrediction> PredictAsync(Stream stream, CancellationToken cancel = default) =>
        PredictAsync(stream, "stream", cancel);

    /// <inheritdoc cref="PredictAsync(Stream, CancellationToken)"/>
    /// <param name="stream">Content of an image file. Only its asynchronous methods are called.</param>
    /// <param name="name">Name of the image in error messages.</param>
    /// <param name="cancel">Cancels the reading; a started prediction is completed.</param>
    public Task<ImagePrediction> PredictAsync(Stream stream, string name, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        return ReadAndPredictAsync(stream, name, cancel);
    }

    /// <summary>Classifies an image in memory on a thread of the pool.</summary>
    /// <param name="bytes">Content of an image file.</param>
    /// <param name="cancel">Cancels the call before the work starts; a started prediction is completed.</param>
    /// <exception cref="ImageException">The content is no image, is damaged or exceeds a limit.</exception>
    public Task<ImagePrediction> PredictAsync(byte[] bytes, CancellationToken cancel = default) =>
        PredictAsync(bytes, "image", cancel);

    /// <inheritdoc cref="PredictAsync(byte[], CancellationToken)"/>
    /// <param name="bytes">Content of an image file.</param>
    /// <param name="name">Name of the image in error messages.</param>
    /// <param name="cancel">Cancels the call before the work starts; a started prediction is completed.</param>
    public Task<ImagePrediction> PredictAsync(byte[] bytes, string name, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentNullException.ThrowIfNull(name);
        return Task.Run(() => Predict(bytes, name), cancel);
    }

    /// <summary>
    /// Classifies many image files in their order, and decodes some while the network works on others. A file that
    /// cannot be used fails alone.
    /// </summary>
    /// <param name="paths">Paths of the files.</param>
    /// <param name="cancel">Stops the enumeration.</param>
    /// <returns>One result per path, computed as they are enumerated.</returns>
    public IEnumerable<PredictionResult> PredictMany(IEnumerable<string> paths, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return PathBatches().Run(paths, cancel);
    }

    /// <summary>
    /// Classifies many image files in their order, without blocking the caller's thread. A file that cannot be used
    /// fails alone.
    /// </summary>
    /// <param name="paths">Paths of the files.</param>
    /// <param name="cancel">Stops the enumeration.</param>
    /// <returns>One result per path, computed as they are enumerated.</returns>
    public IAsyncEnumerable<PredictionResult> PredictManyAsync(
        IEnumerable<string> paths,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(paths);
        return PathBatches().RunAsync(paths, cancel);
    }

    /// <summary>
    /// Classifies many images from anywhere in their order, without blocking the caller's thread. An image that cannot
    /// be used fails alone.
    /// </summary>
    /// <param name="images">The images. Streams are opened when they are needed, several at once.</param>
    /// <param name="cancel">Stops the enumeration.</param>
    /// <returns>One result per image, computed as they are enumerated.</returns>
    public IAsyncEnumerable<PredictionResult> PredictManyAsync(
        IEnumerable<NamedImage> images,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(images);
        return new PredictionBatches<NamedImage>(_preprocessor, _threads, image => image.Name, Read, Classify).RunAsync(
            images,
            cancel
        );
    }

    /// <summary>Frees the network. Later calls throw <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _network.Dispose();
    }

    private PredictionBatches<string> PathBatches() =>
        new(
            _preprocessor,
            _threads,
            path => path,
            (path, _) => new(ImageFile.Read(path, _preprocessor.Limits)),
            Classify
        );

    private async ValueTask<byte[]> Read(NamedImage image, CancellationToken cancel)
    {
        try
        {
            Stream stream = await image.Open(cancel).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                return await ImageFile
                    .ReadAsync(stream, image.Name, _preprocessor.Limits, cancel)
                    .ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ImageException(image.Name, "it could not be read; check its source", error)
            {
                Fault = ImageFault.Unreadable,
            };
        }
    }

    private async Task<ImagePrediction> ReadAndPredictAsync(Stream stream, string name, CancellationToken cancel)
    {
        byte[] bytes = await ImageFile.ReadAsync(stream, name, _preprocessor.Limits, cancel).ConfigureAwait(false);
        return await Task.Run(() => Predict(bytes, name), cancel).ConfigureAwait(false);
    }

    private ImagePrediction Classify(byte[] file, string name) => Classify(file, name, out _);

    private ImagePrediction Classify(byte[] file, string name, out byte[] pixels)
    {
        pixels = _preprocessor.Render(file, name, out ImageHeader? header);
        return Classify(pixels, 1)[0] with { Note = header?.Note };
    }

    // Pixels are [N,3,H,W].
    private ImagePrediction[] Classify(ReadOnlySpan<byte> pixels, int count)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        float[] images = new float[pixels.Length];
        TensorPrimitives.ConvertChecked<byte, float>(pixels, images);
        ClassifierOutput output = _network.Run(images, count, Card.Preprocessing);
        int classes = Card.Labels.Count;
        ImagePrediction[] predictions = new ImagePrediction[count];
        for (int i = 0; i < count; i++)
        {
            predictions[i] = ImagePrediction.From(output.Probabilities.AsSpan(i * classes, classes), Card) with
            {
                Unfamiliarity = output.Unfamiliarity?[i],
            };
        }

        return predictions;
    }
}
