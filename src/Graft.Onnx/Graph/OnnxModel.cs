using Google.Protobuf;
using Graft.Infrastructure;

namespace Graft.Onnx;

/// <summary>An ONNX model in memory: its protobuf message, with loading, saving and metadata.</summary>
/// <remarks>The graph can be changed freely. <see cref="OnnxGraph"/> indexes a finished one.</remarks>
public sealed class OnnxModel
{
    /// <summary>The version of the default operator set (opset) that Graft writes.</summary>
    public const int DefaultOpset = 18;

    /// <summary>
    /// The newest IR version of ONNX Runtime 1.31. It refuses any larger number, even if the file uses nothing new;
    /// a feature that it lacks it refuses by name.
    /// </summary>
    private const long NewestIr = 13;

    private const string WayOut = "; export the network to ONNX, or use weights with a body of their architecture";

    private OnnxModel(ModelProto proto) => Proto = proto;

    /// <summary>The whole protobuf message.</summary>
    public ModelProto Proto { get; }

    /// <summary>The main graph of the message.</summary>
    public GraphProto Graph => Proto.Graph;

    /// <summary>The version of the default operator set (opset); 1 if the file names none.</summary>
    public int Opset => (int)(Proto.OpsetImport.FirstOrDefault(o => o.Domain is "" or "ai.onnx")?.Version ?? 1);

    /// <summary>Creates an empty model of <see cref="DefaultOpset"/>.</summary>
    /// <param name="graphName">Name of the graph; error messages use it.</param>
    public static OnnxModel Create(string graphName)
    {
        ArgumentNullException.ThrowIfNull(graphName);
        return new(
            new ModelProto
            {
                IrVersion = 8, // the IR version of opset 18, accepted by every ONNX Runtime since 1.14
                ProducerName = "graft",
                Graph = new GraphProto { Name = graphName },
                OpsetImport =
                {
                    new OperatorSetIdProto { Domain = "", Version = DefaultOpset },
                },
            }
        );
    }

    /// <summary>Reads a model and its external weights, which must lie in the file's folder or below.</summary>
    /// <param name="path">Path of the .onnx file.</param>
    /// <param name="limits">Limits for the file; null for the defaults.</param>
    /// <exception cref="OnnxException">The file is missing, is not ONNX, or exceeds a limit.</exception>
    public static OnnxModel Load(string path, OnnxLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        limits ??= new OnnxLimits();
        FileInfo file = new(path);
        if (!file.Exists)
        {
            throw new OnnxException(
                path,
                Directory.Exists(path)
                    ? "it is a folder; name the .onnx file in it"
                    : "there is no such file; check the path"
            );
        }

        if (file.Length > limits.FileBytes)
        {
            throw new OnnxException(
                path,
                $"{file.Length:N0} bytes long, more than the limit of {limits.FileBytes:N0}; "
                    + "keep weights in external data"
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

    /// <summary>Reads a model from memory. Its weights must be inside.</summary>
    /// <param name="bytes">The bytes of an .onnx file.</param>
    /// <param name="name">Name of the model in error messages.</param>
    /// <param name="limits">Limits for the file; null for the defaults.</param>
    /// <exception cref="OnnxException">
    /// The bytes are not ONNX, exceed a limit, or refer to external weights.
    /// </exception>
    public static OnnxModel Parse(ReadOnlyMemory<byte> bytes, string name, OnnxLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(name);
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
            ? throw new OnnxException(name, "its weights lie in external files; load the model from its folder")
            : model;
    }

    /// <summary>The bytes of the model's .onnx file. Equal graphs give equal bytes.</summary>
    /// <exception cref="OnnxException">A declared weight has no values yet.</exception>
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
    /// Writes the model to a temporary file and renames it: nobody ever sees a half-written model.
    /// </summary>
    /// <param name="path">Path of the .onnx file; an existing file is replaced.</param>
    /// <exception cref="OnnxException">A declared weight has no values yet.</exception>
    public void Save(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        AtomicFile.Write(path, ToBytes());
    }

    /// <summary>
    /// A deep copy of the graph's structure. The copy shares the bytes of the weights, which are immutable.
    /// </summary>
    public OnnxModel Clone() => new(Proto.Clone());

    /// <summary>A copy without nodes, weights, inputs and outputs.</summary>
    internal OnnxModel CloneWithoutGraph()
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

    /// <summary>The metadata value of a key; null if the model does not have the key.</summary>
    /// <param name="key">The key.</param>
    public string? GetMetadata(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Proto.MetadataProps.FirstOrDefault(p => p.Key == key)?.Value;
    }

    /// <summary>Sets a metadata value, replacing an existing one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    public void SetMetadata(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
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
        RefuseOtherKinds(stream, name);
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
            throw new OnnxException(name, "not an ONNX file: it has no graph; export the network to ONNX again");
        }

        proto.IrVersion = Math.Min(proto.IrVersion, NewestIr);
        OnnxModel model = new(proto);
        FunctionInlining.Run(model, name, limits);
        GraphValidation.Validate(model, name, limits);
        return model;
    }

    // Parsed as ONNX, such files give messages about wire types.
    private static void RefuseOtherKinds(Stream stream, string name)
    {
        byte[] start = new byte[FileKind.Length];
        int count = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        stream.Position = 0;
        if (FileKind.Describe(start.AsSpan(0, count)) is string kind)
        {
            throw new OnnxException(name, $"not an ONNX file: it is {kind}{(kind.Contains(';') ? "" : WayOut)}");
        }
    }
}
