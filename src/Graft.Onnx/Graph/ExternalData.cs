using System.Globalization;
using Google.Protobuf;
using Graft.Infrastructure;

namespace Graft.Onnx;

/// <summary>Reads weights from the files beside an ONNX file (ONNX specification, "External Tensor Data").</summary>
internal static class ExternalData
{
    public static bool IsExternal(TensorProto tensor) => tensor.DataLocation == TensorProto.Types.DataLocation.External;

    /// <summary>
    /// All tensors of a model: weights and attributes of its graph, of graphs nested in nodes, and of its functions.
    /// </summary>
    public static IEnumerable<TensorProto> All(OnnxModel model) =>
        InGraph(model.Graph).Concat(model.Proto.Functions.SelectMany(function => function.Node.SelectMany(InNode)));

    /// <summary>Loads the external weights of the main graph into the model.</summary>
    /// <exception cref="OnnxException">
    /// A file is missing, too short, too large or outside the model's folder, or a nested graph has external weights.
    /// </exception>
    public static void Load(OnnxModel model, string modelPath, OnnxLimits limits)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(modelPath))!;
        long left = limits.ExternalBytes;
        foreach (TensorProto tensor in Tensors(model).Where(IsExternal))
        {
            byte[] bytes = Read(tensor, folder, modelPath, ref left);
            tensor.RawData = UnsafeByteOperations.UnsafeWrap(bytes);
            tensor.ExternalData.Clear();
            tensor.ClearDataLocation();
        }

        if (All(model).FirstOrDefault(IsExternal) is TensorProto hidden)
        {
            throw new OnnxException(
                modelPath,
                $"the weight '{Printable.Text(hidden.Name)}' of a nested graph lies in another file, "
                    + "which is not supported; export the network with its weights inside"
            );
        }
    }

    private static IEnumerable<TensorProto> InGraph(GraphProto graph) =>
        graph.Initializer.Concat(graph.SparseInitializer.SelectMany(InSparse)).Concat(graph.Node.SelectMany(InNode));

    private static IEnumerable<TensorProto> InNode(NodeProto node) =>
        node.Attribute.SelectMany(attribute =>
            attribute
                .Tensors.Concat(attribute.T is null ? [] : [attribute.T])
                .Concat(attribute.Graphs.Concat(attribute.G is null ? [] : [attribute.G]).SelectMany(InGraph))
        );

    private static IEnumerable<TensorProto> InSparse(SparseTensorProto sparse) =>
        ((TensorProto?[])[sparse.Values, sparse.Indices]).OfType<TensorProto>();

    private static IEnumerable<TensorProto> Tensors(OnnxModel model) =>
        model.Graph.Initializer.Concat(
            model
                .Graph.Node.SelectMany(node => node.Attribute)
                .Where(attribute => attribute.T is not null)
                .Select(attribute => attribute.T)
        );

    private static byte[] Read(TensorProto tensor, string folder, string modelPath, ref long left)
    {
        string Entry(string key) => tensor.ExternalData.FirstOrDefault(e => e.Key == key)?.Value ?? "";
        string location = Entry("location");
        string path = ResolveInside(folder, location)
            ?? throw new OnnxException(
                modelPath,
                $"the weight '{Printable.Text(tensor.Name)}' lies in '{Printable.Text(location)}', "
                    + "outside the model's folder; move the file beside the model"
            );

        long elements = TensorValues.ElementCount(tensor, modelPath);
        long size = checked(elements * TensorValues.ElementSize(tensor.DataType, modelPath));
        long offset =
            Entry("offset") is { Length: > 0 } o
            && long.TryParse(o, NumberStyles.None, CultureInfo.InvariantCulture, out long from)
                ? from
                : 0;
        if (
            Entry("length") is { Length: > 0 } l
            && long.TryParse(l, NumberStyles.None, CultureInfo.InvariantCulture, out long length)
            && length != size
        )
        {
            throw new OnnxException(
                modelPath,
                $"the weight '{Printable.Text(tensor.Name)}' needs {size:N0} bytes but its entry says {length:N0}; "
                    + "export the network again"
            );
        }

        if (size > left || size > Array.MaxLength)
        {
            throw new OnnxException(
                modelPath,
                "its external data is larger than the limit; raise the limit if you trust the file"
            );
        }

        left -= size;
        return ReadExactly(path, offset, size, tensor.Name, modelPath);
    }

    private static string? ResolveInside(string folder, string location)
    {
        if (location.Length == 0 || Path.IsPathRooted(location))
        {
            return null;
        }

        string path = Path.GetFullPath(Path.Combine(folder, location));
        string prefix = folder.EndsWith(Path.DirectorySeparatorChar) ? folder : folder + Path.DirectorySeparatorChar;
        // A link can only be followed where there is one.
        string real = File.Exists(path)
            ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path
            : path;
        return path.StartsWith(prefix, StringComparison.Ordinal) && real.StartsWith(prefix, StringComparison.Ordinal)
            ? path
            : null;
    }

    private static byte[] ReadExactly(string path, long offset, long size, string name, string modelPath)
    {
        if (!File.Exists(path))
        {
            string data = Printable.Text(Path.GetFileName(path));
            string folder = Printable.Text(Path.GetDirectoryName(path)!);
            throw new OnnxException(
                modelPath,
                $"its weights lie in the file '{data}', which is missing; copy '{data}' into the folder '{folder}'"
            );
        }

        try
        {
            using FileStream stream = File.OpenRead(path);
            if (offset > stream.Length || size > stream.Length - offset)
            {
                throw new OnnxException(
                    modelPath,
                    $"'{Printable.Text(path)}' ends before the weight '{Printable.Text(name)}'; copy the file again"
                );
            }

            byte[] bytes = new byte[size];
            stream.Position = offset;
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new OnnxException(
                modelPath,
                $"its external data '{Printable.Text(path)}' cannot be read; copy it beside the model",
                error
            );
        }
    }
}
