using System.Security.Cryptography;
using Graft.Onnx;

namespace Graft.Training.FineTuning;

/// <summary>Hashes that prove which weights a phase changed.</summary>
internal static class FrozenHash
{
    /// <summary>SHA-256 over the nodes and all weights but <paramref name="trained"/>.</summary>
    public static string OfFrozen(OnnxModel model, IReadOnlySet<string> trained) =>
        Of(model, weight => !trained.Contains(weight), withNodes: true);

    /// <summary>SHA-256 over the weights in <paramref name="trained"/>.</summary>
    public static string OfTrained(OnnxModel model, IReadOnlySet<string> trained) =>
        Of(model, trained.Contains, withNodes: false);

    private static string Of(OnnxModel model, Func<string, bool> isCounted, bool withNodes)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (
            TensorProto weight in model
                .Graph.Initializer.Where(w => isCounted(w.Name))
                .OrderBy(w => w.Name, StringComparer.Ordinal)
        )
        {
            hash.AppendData(
                System.Text.Encoding.UTF8.GetBytes($"{weight.Name} {weight.DataType} [{string.Join(',', weight.Dims)}]")
            );
            hash.AppendData(
                weight.HasRawData ? weight.RawData.Span : Google.Protobuf.MessageExtensions.ToByteArray(weight)
            );
        }

        // Older exporters write ConstantOfShape nodes for weights. Writing a trained weight back replaces its node by
        // an initialiser.
        foreach (
            NodeProto node in withNodes
                ? model.Graph.Node.Where(n => n.Output.Count != 1 || isCounted(n.Output[0]))
                : []
        )
        {
            hash.AppendData(Google.Protobuf.MessageExtensions.ToByteArray(node));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
