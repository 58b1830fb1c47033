using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Graft.Training.Weights;

namespace Graft.Training.Run;

/// <summary>
/// A state of a run in one safetensors file: numbers as JSON, arrays as tensors, and a hash of the whole content.
/// </summary>
/// <param name="Key">Hash of everything the state depends on: options, images, body, place in the run. A checkpoint
/// with another key belongs to another run.</param>
/// <param name="State">The numbers, as JSON.</param>
/// <param name="Tensors">The arrays, by name.</param>
internal sealed record Checkpoint(string Key, string State, IReadOnlyDictionary<string, WeightTensor> Tensors)
{
    private const string Format = "graft checkpoint 1";

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, // a loss may be infinite
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    public static Checkpoint Of<T>(string key, T state, IEnumerable<WeightTensor> tensors) =>
        new(key, JsonSerializer.Serialize(state, s_json), tensors.ToDictionary(tensor => tensor.Name));

    /// <exception cref="CheckpointException">The file is damaged, is no checkpoint, or belongs to another
    /// run.</exception>
    public static Checkpoint Read(string path, string key)
    {
        WeightFile file;
        try
        {
            using WeightBytes bytes = WeightBytes.Open(path);
            file = SafetensorsFile.Read(bytes);
        }
        catch (WeightFileException error)
        {
            throw new CheckpointException($"{error.Place}: {error.Reason}");
        }

        if (file.Metadata.GetValueOrDefault("format") != Format)
        {
            throw new CheckpointException($"it is not a '{Format}'");
        }

        Checkpoint read = new(
            file.Metadata.GetValueOrDefault("key", ""),
            file.Metadata.GetValueOrDefault("state", ""),
            file.Tensors
        );
        if (read.Hash() != file.Metadata.GetValueOrDefault("sha256"))
        {
            throw new CheckpointException("its content does not match its hash: the file is damaged or was changed");
        }

        return read.Key == key
            ? read
            : throw new CheckpointException("it belongs to another run, other images or another version of Graft");
    }

    /// <summary>Writes the file completely or not at all.</summary>
    public void Write(string path) =>
        SafetensorsFile.Write(
            path,
            Tensors.Values,
            new Dictionary<string, string>
            {
                ["format"] = Format,
                ["key"] = Key,
                ["state"] = State,
                ["sha256"] = Hash(),
            }
        );

    /// <exception cref="CheckpointException">The state has another form.</exception>
    public T StateAs<T>()
    {
        try
        {
            return JsonSerializer.Deserialize<T>(State, s_json) ?? throw new CheckpointException("it holds no state");
        }
        catch (JsonException error)
        {
            throw new CheckpointException($"its state cannot be read ({error.Message})");
        }
    }

    /// <exception cref="CheckpointException">The tensor is missing.</exception>
    public WeightTensor Tensor(string name, WeightType type) =>
        Tensors.TryGetValue(name, out WeightTensor? tensor) && tensor.Type == type
            ? tensor
            : throw new CheckpointException($"it has no tensor '{name}' of type {type}");

    private string Hash()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add($"{Format}\n{Key.Length} {State.Length}\n{Key}{State}");
        foreach (WeightTensor tensor in Tensors.Values.OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
        {
            Add($"\n{tensor.Name.Length} {tensor.Name} {tensor.Type} [{string.Join(',', tensor.Shape)}]\n");
            hash.AppendData(tensor.Bytes.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Add(string text) => hash.AppendData(Encoding.UTF8.GetBytes(text));
    }
}

/// <summary>A checkpoint file cannot be used.</summary>
/// <param name="reason">End of the sentence "the checkpoint is refused: its content ...".</param>
internal sealed class CheckpointException(string reason) : Exception(reason);
