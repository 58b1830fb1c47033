using System.Text.Json;

namespace Graft.Conformance;

/// <summary>Finds the cases in a folder by the contents of its files, not by their names.</summary>
internal static class CaseFinder
{
    private const int MaximumDepth = 8;

    /// <summary>Finds all cases.</summary>
    /// <param name="root">The folder golden, a folder in it, the folder of one case, or one file.</param>
    public static IEnumerable<ConformanceCase> Find(string root)
    {
        root = Path.GetFullPath(root);
        string from = Directory.Exists(root) ? root : Path.GetDirectoryName(root)!;
        return Directory.Exists(root) ? InFolder(root, from, 0) : OfFile(root, from);
    }

    private static IEnumerable<ConformanceCase> InFolder(string folder, string root, int depth)
    {
        if (File.Exists(Path.Combine(folder, "model.onnx")))
        {
            return [OnnxCases.Node(NameOf(folder, root), folder)];
        }

        IEnumerable<ConformanceCase> files = Directory
            .EnumerateFiles(folder)
            .Order(StringComparer.Ordinal)
            .SelectMany(file => OfFile(file, root));
        IEnumerable<ConformanceCase> folders =
            depth == MaximumDepth
                ? []
                : Directory
                    .EnumerateDirectories(folder)
                    .Order(StringComparer.Ordinal)
                    .SelectMany(inner => InFolder(inner, root, depth + 1));
        return files.Concat(folders);
    }

    private static IEnumerable<ConformanceCase> OfFile(string file, string root)
    {
        string name = NameOf(file, root);
        if (Path.GetExtension(file) == ".json")
        {
            return OfJson(file, name);
        }

        string output = Path.Combine(
            Path.GetDirectoryName(file)!,
            Path.GetFileNameWithoutExtension(file) + "_output_0.pb"
        );
        return Path.GetExtension(file) != ".onnx" ? []
            : Path.GetFileName(file) == "model.onnx" ? [OnnxCases.Node(name, Path.GetDirectoryName(file)!)]
            : File.Exists(output) ? [OnnxCases.Light(name, file, output)]
            : [];
    }

    private static IEnumerable<ConformanceCase> OfJson(string file, string name)
    {
        using JsonDocument document = Parse(file);
        JsonElement root = document.RootElement;
        bool Has(string property) => root.ValueKind == JsonValueKind.Object && root.TryGetProperty(property, out _);
        return Has("model") && Has("logits") ? [OnnxCases.Export(name, file)]
            : Has("architecture") && Has("tensors") ? [NetworkCases.Architecture(name, file)]
            : Has("weights") && Has("images") && Path.GetFileName(file).StartsWith("real_", StringComparison.Ordinal)
                ? [NetworkCases.Real(name, file)]
            : Has("results") && Path.GetFileName(file) == "position_embedding.json" ? [PositionCases.All(name, file)]
            : FileCases.IsExpectation(root) ? FileCases.All(root, Path.GetDirectoryName(file)!, name)
            : [];
    }

    private static JsonDocument Parse(string file)
    {
        try
        {
            return JsonDocument.Parse(File.ReadAllText(file));
        }
        catch (JsonException)
        {
            return JsonDocument.Parse("null"); // another file, not a case
        }
    }

    private static string NameOf(string path, string root) =>
        Path.GetRelativePath(root, path) is { } name && name != "." ? name : Path.GetFileName(path);
}
