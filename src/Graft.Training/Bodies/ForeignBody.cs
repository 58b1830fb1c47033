using System.Security.Cryptography;
using Graft.Imaging;
using Graft.Onnx;

namespace Graft.Training.Bodies;

/// <summary>Anybody's ONNX classifier as a body.</summary>
internal static class ForeignBody
{
    private const int DefaultSide = 224;

    /// <param name="features">The edge at which its head is cut off; null: found.</param>
    /// <exception cref="GraftException">It is not ONNX, takes no images, or no classifier is found in it.</exception>
    public static TrainableBody Load(string path, string? features)
    {
        OnnxModel model = OnnxModel.Load(path);
        long[] shape = InputShape(model, path);
        FeatureSeam seam = features is null ? FeatureSeam.Find(model, shape) : FeatureSeam.At(model, features, shape);
        Preprocessing recipe = Recipes.ImageNet((int)(Math.Max(shape[1], shape[2]) * 8 / 7), (int)shape[2]) with { Height = (int)shape[1] };
        string hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
        return new(GraphEdit.Prefix(model, seam.Edge), seam, new BodyCard(Path.GetFileNameWithoutExtension(path), recipe, null, null, hash));
    }

    // 3 x H x W as the file declares it; free sides become 224.
    private static long[] InputShape(OnnxModel model, string path)
    {
        IReadOnlyList<ValueInfoProto> inputs = new OnnxGraph(model).Inputs;
        TensorShapeProto? declared = inputs.Count == 1 ? inputs[0].Type?.TensorType?.Shape : null;
        if (declared is null || declared.Dim.Count != 4 || declared.Dim[1].DimValue != 3)
        {
            throw new OnnxException(path, "a body takes one input of the shape N x 3 x H x W; export the network with its image as the only input");
        }

        return [3, .. declared.Dim.Skip(2).Select(d => d.DimValue > 0 ? d.DimValue : DefaultSide)];
    }
}
