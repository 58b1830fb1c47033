using Google.Protobuf;
using Graft.Infrastructure;

namespace Graft.Onnx;

/// <summary>An ONNX model in memory: the protobuf message with loading, saving and metadata.</summary>
/// <remarks>The graph is mutable while it is built; <see cref="OnnxGraph"/> indexes a finished one.</remarks>
internal sealed class OnnxModel
{
    /// <summary>The operator set that Graft writes; every operator of Network/Operators exists in it.</summary>
    public const int DefaultOpset = 18;

    /// <summary>
    /// The newest IR of ONNX Runtime 1.31, which refuses a file for a larger number alone; what a newer one adds to a
    /// file that needs it, it refuses by name.
    /// </summary>
    private const long NewestIr = 13;

    private OnnxModel(ModelProto proto) => Proto = proto;

    public ModelProto Proto { get; }

    public GraphProto Graph => Proto.Graph;

    /// <summary>The version of the default operator set; 1 where the file names none.</summary>
    public int Opset => (int)(Proto.OpsetImport.FirstOrDefault(o => o.Domain is "" or "ai.onnx")?.Version ?? 1);

    /// <summary>An empty model of <see cref="DefaultOpset"/>.</summary>
    public static OnnxModel Create(string graphName) =>
        new(
            new ModelProto
            {
                IrVersion = 8, // the IR that came with opset 18: accepted by every ONNX Runtime since 1.14
                ProducerName = "graft",
                Graph = new GraphProto { Name = graphName },
                OpsetImport =
                {
                    new OperatorSetIdProto { Domain = "", Version = DefaultOpset },
                },
            }
        );

    /// <summary>Reads a model with its external data, which may lie in the file's own folder or below only.</summary>
    /// <exception cref="OnnxException">The file is missing, is not ONNX, or breaks a limit.</exception>
    public static OnnxModel Load(string path, OnnxLimits? limits = null)
    {
        limits ??= new OnnxLimits();
        FileInfo file = new(path);
        if (!file.Exists)
        {
            throw new OnnxException(path, "there is no such file; check the path");
        }

        if (file.Length > limits.FileBytes)
        {
            throw new OnnxException(
                path,
                $"{file.Length:N0} bytes long, more than the limit of {limits.FileBytes:N0}; keep weights in external data"
            );
        }

        OnnxModel model;
        try
        {
            using FileStream stream = file.OpenRead();
            model = Parse(stream, path, limits);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new OnnxException(path, $"{error.Message.TrimEnd('.')}; check its permissions", error);
        }

        ExternalData.Load(model, path, limits);
        return model;
    }

    /// <summary>Reads a model from memory; external data is refused.</summary>
    /// <param name="name">What error messages call it.</param>
    public static OnnxModel Parse(ReadOnlyMemory<byte> bytes, string name, OnnxLimits? limits = null)
    {
        limits ??= new OnnxLimits();
        if (bytes.Length > limits.FileBytes)
        {
            throw new OnnxException(
                name,
                $"{bytes.Length:N0} bytes long, more than the limit of {limits.FileBytes:N0}"
            );
        }

        using MemoryStream stream = new(bytes.ToArray(), writable: false);
        OnnxModel model = Parse(stream, name, limits);
        return ExternalData.All(model).Any(ExternalData.IsExternal)
            ? throw new OnnxException(name, "its weights lie in external files; load it from its folder")
            : model;
    }

    /// <summary>The bytes of a .onnx file; the same graph gives the same bytes.</summary>
    /// <exception cref="OnnxException">A weight has no values yet.</exception>
    public byte[] ToBytes()
    {
        WeightValues.RequireComplete(this);
        byte[] bytes = new byte[Proto.CalculateSize()];
        using CodedOutputStream output = new(bytes);
        output.Deterministic = true;
        Proto.WriteTo(output);
        output.CheckNoSpaceLeft();
        return bytes;
    }

    /// <summary>
    /// Writes beside <paramref name="path"/> and renames, so that a half-written model is never seen.
    /// </summary>
    public void Save(string path) => AtomicFile.Write(path, ToBytes());

    /// <summary>
    /// A deep copy of the graph's structure; the bytes of the weights are shared, they are immutable.
    /// </summary>
    public OnnxModel Clone() => new(Proto.Clone());

    /// <summary>A copy of all but the nodes, weights, inputs and outputs.</summary>
    public OnnxModel CloneWithoutGraph()
    {
        ModelProto proto = new()
        {
            IrVersion = Proto.IrVersion,
            ProducerName = Proto.ProducerName,
            Graph = new GraphProto { Name = Graph.Name },
            OpsetImport = { Proto.OpsetImport },
            Functions = { Proto.Functions },
            MetadataProps = { Proto.MetadataProps },
        };
        return new OnnxModel(proto.Clone());
    }

    public string? GetMetadata(string key) => Proto.MetadataProps.FirstOrDefault(p => p.Key == key)?.Value;

    public void SetMetadata(string key, string value)
    {
        StringStringEntryProto? entry = Proto.MetadataProps.FirstOrDefault(p => p.Key == key);
        if (entry is null)
        {
            Proto.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        }
        else
        {
            entry.Value = value;
        }
    }

    private static OnnxModel Parse(Stream stream, string name, OnnxLimits limits)
    {
        ModelProto proto;
        try
        {
            using CodedInputStream input = CodedInputStream.CreateWithLimits(stream, int.MaxValue, limits.Depth);
            proto = ModelProto.Parser.ParseFrom(input);
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new OnnxException(
                name,
                $"not an ONNX file ({error.Message.TrimEnd('.')}); export the network to ONNX again",
                error
            );
        }

        if (
            proto.Graph is null
            || proto.Graph.Node.Count + proto.Graph.Initializer.Count == 0
            || proto.Graph.Output.Count == 0
        )
        {
            throw new OnnxException(name, "not an ONNX file: it holds no graph; export the network to ONNX again");
        }

        proto.IrVersion = Math.Min(proto.IrVersion, NewestIr);
        OnnxModel model = new(proto);
        FunctionInlining.Run(model, name, limits);
        GraphValidation.Validate(model, name, limits);
        return model;
    }
}
