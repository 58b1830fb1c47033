using Graft.Infrastructure;
using DataType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Onnx;

/// <summary>The image input of a network as its file declares it.</summary>
/// <param name="Edge">Name of the input.</param>
/// <param name="Height">Height in pixels; if the file leaves it open, the caller's value or 224.</param>
/// <param name="Width">Width in pixels; if the file leaves it open, the caller's value or 224.</param>
/// <param name="IsChannelsLast">Whether the layout is N x H x W x 3 rather than N x 3 x H x W.</param>
/// <param name="Batch">The fixed batch of the export; null if the batch is dynamic.</param>
/// <param name="IsBytes">Whether the network takes unsigned bytes rather than float32.</param>
public sealed record ImageInput(string Edge, int Height, int Width, bool IsChannelsLast, int? Batch, bool IsBytes)
{
    /// <summary>Side in pixels if the file leaves it open: the usual one of ImageNet networks.</summary>
    internal const int DefaultSide = 224;

    private const string Name = "graft.input";
    private const int LargestBatch = 256; // Graft runs a fixed batch once; a larger one is not a batch of images
    private const int LargestSide = 4096;

    /// <summary>The layout as text: "N x H x W x 3" or "N x 3 x H x W".</summary>
    public string Layout => IsChannelsLast ? "N x H x W x 3" : "N x 3 x H x W";

    /// <summary>Finds the image input of a network.</summary>
    /// <param name="path">Name of the file in error messages.</param>
    /// <param name="isChannelsLast">The layout, used if the file leaves it open; null to infer it.</param>
    /// <param name="size">The size, used if the file leaves it open; null for <see cref="DefaultSide"/>.</param>
    /// <exception cref="OnnxException">The network does not have a single input for color images.</exception>
    internal static ImageInput Find(OnnxModel model, string path, bool? isChannelsLast, ImageSize? size)
    {
        IReadOnlyList<ValueInfoProto> inputs = new OnnxGraph(model, path).Inputs;
        if (inputs.Count != 1)
        {
            string names = string.Join(", ", inputs.Take(5).Select(i => $"'{Printable.Text(i.Name)}'"));
            throw new OnnxException(
                path,
                $"a body has one input, the image, but this network has {inputs.Count}"
                    + $"{(names.Length > 0 ? $" ({names})" : "")}; export it with the image as its only input"
            );
        }

        TypeProto.Types.Tensor? type = inputs[0].Type?.TensorType;
        DataType element = (DataType)(type?.ElemType ?? 0);
        long[]? dims = type?.Shape?.Dim.Select(d => d.DimValue > 0 ? d.DimValue : 0).ToArray();
        if (dims is not { Length: 4 } || element is not (DataType.Float or DataType.Uint8))
        {
            string shape = dims is null
                ? "no shape"
                : $"the shape [{string.Join(',', dims.Select(d => d == 0 ? "?" : $"{d}"))}]";
            throw new OnnxException(
                path,
                $"its input '{Printable.Text(inputs[0].Name)}' has {shape} and holds {element}; export it for float32 "
                    + "or uint8 images, N x 3 x H x W or N x H x W x 3"
            );
        }

        bool isLast = IsLast(dims, isChannelsLast, path, inputs[0].Name);
        (long height, long width) = isLast ? (dims[1], dims[2]) : (dims[2], dims[3]);
        (long h, long w) = (
            height > 0 ? height : size?.Height ?? DefaultSide,
            width > 0 ? width : size?.Width ?? DefaultSide
        );
        if (h > LargestSide || w > LargestSide || dims[0] > LargestBatch)
        {
            throw new OnnxException(
                path,
                $"its input is [{string.Join(',', dims)}], beyond the largest side of {LargestSide} "
                    + $"or batch of {LargestBatch}; export it for one image of its usual size"
            );
        }

        return new(
            inputs[0].Name,
            (int)h,
            (int)w,
            isLast,
            dims[0] > 0 ? (int)dims[0] : null,
            element == DataType.Uint8
        );
    }

    /// <summary>
    /// Makes the input float32, N x 3 x H x W with a dynamic batch. Adds a Cast and a Transpose node if needed.
    /// </summary>
    internal void Canonicalize(OnnxModel model)
    {
        model.Graph.Input.Clear();
        if (!IsChannelsLast && !IsBytes)
        {
            model.Graph.Input.Add(EdgeDeclaration.Create(Edge, [3, Height, Width]));
            return;
        }

        List<NodeProto> nodes = [];
        string edge = Name;
        if (IsBytes)
        {
            string cast = IsChannelsLast ? Name + ".bytes" : Edge;
            nodes.Add(
                new NodeProto
                {
                    OpType = "Cast",
                    Name = cast,
                    Input = { edge },
                    Output = { cast },
                }.WithAttribute("to", (long)DataType.Uint8)
            );
            edge = cast;
        }

        if (IsChannelsLast)
        {
            nodes.Add(
                new NodeProto
                {
                    OpType = "Transpose",
                    Name = Name + ".transposed",
                    Input = { edge },
                    Output = { Edge },
                }.WithAttribute("perm", 0, 2, 3, 1)
            );
        }

        for (int i = 0; i < nodes.Count; i++)
        {
            model.Graph.Node.Insert(i, nodes[i]);
        }

        model.Graph.Input.Add(EdgeDeclaration.Create(Name, [3, Height, Width]));
    }

    private static bool IsLast(long[] dims, bool? preferred, string path, string input)
    {
        (long second, long last) = (dims[1], dims[3]);
        if (second == 3 || last == 3)
        {
            return second != 3 || (last == 3 && preferred == true);
        }

        if (second == 1 || last == 1)
        {
            throw new OnnxException(
                path,
                $"its input '{Printable.Text(input)}' takes grayscale images of one channel, but a body takes color; "
                    + "export it with three channels, or choose another body"
            );
        }

        bool isFree = second == 0 || last == 0;
        return isFree
            ? preferred ?? (second > 0) // the dimension with a known size is not the channel
            : throw new OnnxException(
                path,
                $"its input '{Printable.Text(input)}' is [{string.Join(',', dims)}], and no dimension is 3, the number "
                    + "of colors; export it for color images"
            );
    }
}
