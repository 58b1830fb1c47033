using Graft.Infrastructure;
using DataType = Graft.Onnx.TensorProto.Types.DataType;

namespace Graft.Onnx;

/// <summary>The image input of a foreign network, as its file declares it.</summary>
/// <param name="Edge">Its name.</param>
/// <param name="Height">Pixels; the caller's wish or 224 where the file leaves it free.</param>
/// <param name="IsChannelsLast">N x H x W x 3.</param>
/// <param name="Batch">The fixed batch of the export; null where it is free.</param>
/// <param name="IsBytes">The network takes unsigned bytes.</param>
internal sealed record ImageInput(string Edge, int Height, int Width, bool IsChannelsLast, int? Batch, bool IsBytes)
{
    /// <summary>The side of networks whose file leaves it free: ImageNet's usual one.</summary>
    public const int DefaultSide = 224;

    private const string Name = "graft.input";
    private const int LargestBatch = 256; // a declared batch is run once to be freed; more is no image batch
    private const int LargestSide = 4096;

    public string Layout => IsChannelsLast ? "N x H x W x 3" : "N x 3 x H x W";

    /// <param name="path">What error messages call the file.</param>
    /// <param name="isChannelsLast">The user's word where the file leaves all sides free; null: the file's.</param>
    /// <param name="side">The user's word where the file leaves height and width free; null:
    /// <see cref="DefaultSide"/>.</param>
    /// <exception cref="OnnxException">There is not one input of colour images.</exception>
    public static ImageInput Find(OnnxModel model, string path, bool? isChannelsLast, (int Height, int Width)? side)
    {
        IReadOnlyList<ValueInfoProto> inputs = new OnnxGraph(model, path).Inputs;
        if (inputs.Count != 1)
        {
            string names = string.Join(", ", inputs.Take(5).Select(i => $"'{Printable.Text(i.Name)}'"));
            throw new OnnxException(
                path,
                $"a body has one input, its image, and this network has {inputs.Count}{(names.Length > 0 ? $" ({names})" : "")}; export it with its image as the only input"
            );
        }

        TypeProto.Types.Tensor? type = inputs[0].Type?.TensorType;
        DataType element = (DataType)(type?.ElemType ?? 0);
        long[]? dims = type?.Shape?.Dim.Select(d => d.DimValue > 0 ? d.DimValue : 0).ToArray();
        if (dims is not { Length: 4 } || element is not (DataType.Float or DataType.Uint8))
        {
            string is4 = dims is null
                ? "no shape"
                : $"the shape [{string.Join(',', dims.Select(d => d == 0 ? "?" : $"{d}"))}]";
            throw new OnnxException(
                path,
                $"its input '{Printable.Text(inputs[0].Name)}' has {is4} and holds {element}; a body takes float32 (or uint8) images, N x 3 x H x W or N x H x W x 3: export it so"
            );
        }

        bool isLast = IsLast(dims, isChannelsLast, path, inputs[0].Name);
        (long height, long width) = isLast ? (dims[1], dims[2]) : (dims[2], dims[3]);
        (long h, long w) = (
            height > 0 ? height : side?.Height ?? DefaultSide,
            width > 0 ? width : side?.Width ?? DefaultSide
        );
        if (h > LargestSide || w > LargestSide || dims[0] > LargestBatch)
        {
            throw new OnnxException(
                path,
                $"its input is [{string.Join(',', dims)}]: sides above {LargestSide} or a batch above {LargestBatch} are not images; export it for one image of its usual size"
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
    /// Makes the input float32, N x 3 x H x W with a free batch, whatever it was: a cast and a transposition are put in
    /// front where needed.
    /// </summary>
    public void Canonicalize(OnnxModel model)
    {
        model.Graph.Input.Clear();
        if (!IsChannelsLast && !IsBytes)
        {
            model.Graph.Input.Add(Subgraph.DeclareFloat(Edge, [3, Height, Width]));
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

        model.Graph.Input.Add(Subgraph.DeclareFloat(Name, [3, Height, Width]));
    }

    private static bool IsLast(long[] dims, bool? wished, string path, string input)
    {
        (long second, long last) = (dims[1], dims[3]);
        if (second == 3 || last == 3)
        {
            return second != 3 || (last == 3 && wished == true);
        }

        if (second == 1 || last == 1)
        {
            throw new OnnxException(
                path,
                $"its input '{Printable.Text(input)}' takes grey images of one channel; Graft's bodies take colour: export it with three channels, or choose another body"
            );
        }

        bool isFree = second == 0 || last == 0;
        return isFree
            ? wished ?? (second > 0) // the side whose size is given is no channel
            : throw new OnnxException(
                path,
                $"its input '{Printable.Text(input)}' is [{string.Join(',', dims)}], and no side of it is the three colours; export it for colour images"
            );
    }
}
