using System.Numerics.Tensors;
using Graft.Imaging;
using Graft.Onnx;
using Graft.Prediction;

namespace Graft.Explanation;

/// <summary>
/// Computes the features of an exported model's body: those that its novelty score compares. Two images are as far
/// apart as the directions of their features. Thread-safe.
/// </summary>
internal sealed class FeatureNetwork : IDisposable
{
    /// <summary>The product of features and class centres, in every model with a novelty score.</summary>
    public const string Products = "graft.familiarity.products";

    private readonly OnnxSession _session;

    private FeatureNetwork(OnnxSession session, Preprocessor preprocessor) =>
        (_session, Preprocessor) = (session, preprocessor);

    /// <summary>Renders images for the network.</summary>
    public Preprocessor Preprocessor { get; }

    /// <summary>Loads the network of a model.</summary>
    /// <param name="bytes">Bytes of the .onnx file.</param>
    /// <param name="name">Name of the model in error messages.</param>
    /// <param name="options">Threads and limits.</param>
    /// <exception cref="OnnxException">It is no ONNX file, or has no novelty score.</exception>
    /// <exception cref="ModelCardException">The card is wrong.</exception>
    public static FeatureNetwork Load(byte[] bytes, string name, PredictorOptions options)
    {
        OnnxModel model = OnnxModel.Parse(bytes, name, options.Limits.Onnx);
        ModelCard card = ModelCard.Parse(model.GetMetadata(ModelCard.MetadataKey), name);
        NodeProto products = model.Graph.Node.LastOrDefault(node => node.Output.Contains(Products))
            ?? throw new OnnxException(name, "it computes no novelty score, so its images cannot be compared");
        model.Graph.Output.Clear();
        model.Graph.Output.Add(new ValueInfoProto { Name = products.Input[0] });
        return new(new(model, name, options.Threads), new(card.Preprocessing, options.Limits.Image));
    }

    /// <summary>The features of images, each row of length 1.</summary>
    /// <param name="pixels">Planes of the images, [N,3,H,W].</param>
    /// <param name="count">Number of images, N.</param>
    /// <returns>Row-major, [N,F].</returns>
    /// <exception cref="OnnxException">The features are no numbers.</exception>
    public float[] Run(ReadOnlySpan<byte> pixels, int count)
    {
        float[] images = new float[pixels.Length];
        TensorPrimitives.ConvertChecked<byte, float>(pixels, images);
        (int height, int width) = (Preprocessor.Preprocessing.Height, Preprocessor.Preprocessing.Width);
        OnnxOutput output = _session.Run(images, count, 3, height, width)[0];
        if (output.Singles is null || output.Shape is not [_, > 0] || output.Shape[0] != count)
        {
            throw new OnnxException(_session.Name, "its features are no vectors, so its images cannot be compared");
        }

        float[] rows = output.Singles.ToArray();
        int features = rows.Length / count;
        for (int i = 0; i < count; i++)
        {
            Span<float> row = rows.AsSpan(i * features, features);
            float length = TensorPrimitives.Norm<float>(row);
            if (!float.IsFinite(length))
            {
                throw new OnnxException(_session.Name, "its features are no numbers; check that the file is whole");
            }

            TensorPrimitives.Divide(row, Math.Max(length, float.Epsilon), row);
        }

        return rows;
    }

    public void Dispose() => _session.Dispose();
}
