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

    private const int LargestBatch = 256; // Graft runs a fixed batch once; a larger one is not a batch of images
    private const int LargestSide = 4096;

    /// <summary>Whether the network takes grey images of one channel.</summary>
    public bool IsGrey { get; init; }

    /// <summary>
    /// Whether the file leaves height or width open and nobody states a size, so that the default is used.
    /// </summary>
    public bool IsSizeAssumed { get; init; }

    /// <summary>The layout as text, such as "N x H x W x 3" or "N x 1 x H x W".</summary>
    public string Layout => IsChannelsLast ? $"N x H x W x {ChannelCount}" : $"N x {ChannelCount} x H x W";

    private int ChannelCount => IsGrey ? 1 : 3;

    /// <summary>Finds the image input of a network.</summary>
    /// <param name="path">Name of the file in error messages.</param>
    /// <param name="isChannelsLast">The layout, used if the file leaves it open; null to infer it.</param>
    /// <param name="size">The size, used if the file leaves it open; null for <see cref="DefaultSide"/>.</param>
    /// <exception cref="OnnxException">The network does not have a single input for images.</exception>
    internal static ImageInput Find(OnnxModel model, string path, bool? isChannelsLast, ImageSize? size)
    {
        ValueInfoProto input = OnlyInput(model, path);
        TypeProto.Types.Tensor? type = input.Type?.TensorType;
        DataType element = (DataType)(type?.ElemType ?? 0);
        long[]? dims = type?.Shape?.Dim.Select(d => d.DimValue > 0 ? d.DimValue : 0).ToArray();
        if (dims is not { Length: 4 } || element is not (DataType.Float or DataType.Uint8))
        {
            string shape = dims is null
                ? "no shape"
                : $"the shape [{string.Join(',', dims.Select(d => d == 0 ? "?" : $"{d}"))}]";
            throw new OnnxException(
                path,
                $"its input '{Printable.Text(input.Name)}' has {shape} and holds {element}; export it for float32 "
                    + "or uint8 images, N x 3 x H x W or N x H x W x 3, or of one channel if they are grey"
            );
        }

        bool isLast = IsLast(dims, isChannelsLast, path, input.Name);
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
            input.Name,
            (int)h,
            (int)w,
            isLast,
            dims[0] > 0 ? (int)dims[0] : null,
            element == DataType.Uint8
        )
        {
            IsGrey = dims[isLast ? 3 : 1] == 1,
            IsSizeAssumed = (height == 0 || width == 0) && size is null,
        };
    }

    private static ValueInfoProto OnlyInput(OnnxModel model, string path)
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

        return inputs[0];
    }

    private static bool IsLast(long[] dims, bool? preferred, string path, string input)
    {
        (long second, long last) = (dims[1], dims[3]);
        foreach (int channels in (int[])[3, 1])
        {
            if (second == channels || last == channels)
            {
                return second != channels || (last == channels && preferred == true);
            }
        }

        bool isFree = second == 0 || last == 0;
        return isFree
            ? preferred ?? (second > 0) // the dimension with a known size is not the channel
            : throw new OnnxException(
                path,
                $"its input '{Printable.Text(input)}' is [{string.Join(',', dims)}], and no dimension is the number "
                    + "of channels, 3 or 1; export it for colour or grey images"
            );
    }
}
