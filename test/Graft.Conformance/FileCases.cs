using System.Text.Json;
using System.Text.RegularExpressions;
using Graft.Training.Weights;

namespace Graft.Conformance;

/// <summary>
/// Cases of files/expected.json: the tensors that a reader of weight files must find, and the files it must refuse.
/// </summary>
internal static partial class FileCases
{
    /// <summary>Whether a JSON file has the form of expected.json.</summary>
    public static bool IsExpectation(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object
        && root.EnumerateObject().Any()
        && root.EnumerateObject()
            .All(file =>
                file.Value.ValueKind == JsonValueKind.Object
                && (file.Value.TryGetProperty("tensors", out _) || file.Value.TryGetProperty("refused", out _))
            );

    /// <summary>One case for each file in expected.json.</summary>
    public static IEnumerable<ConformanceCase> All(JsonElement root, string folder, string name) =>
        [
            .. root.EnumerateObject()
                .Select(file =>
                    One(file.Value.Clone(), Path.Combine(folder, Path.GetFileName(file.Name)), $"{name}:{file.Name}")
                ),
        ];

    private static ConformanceCase One(JsonElement expected, string path, string name) =>
        new(name, _ =>
            expected.TryGetProperty("refused", out JsonElement why)
                ? MustRefuse(path, why.GetString() ?? "")
                : MustRead(path, expected.GetProperty("tensors"))
        );

    private static Verdict MustRefuse(string path, string why)
    {
        try
        {
            WeightFile.Read(path);
            return Verdict.Failed($"it was read and should be refused: {why}");
        }
        catch (WeightFileException refusal)
        {
            // The message must name the code that the file contains.
            string? missing = DottedName()
                .Matches(why)
                .Select(match => match.Value)
                .FirstOrDefault(name => !refusal.Message.Contains(name, StringComparison.Ordinal));
            return missing is null
                ? Verdict.Passed
                : Verdict.Failed($"the refusal does not name '{missing}': {refusal.Message}");
        }
    }

    private static Verdict MustRead(string path, JsonElement tensors)
    {
        WeightFile file = WeightFile.Read(path);
        string[] right = [.. tensors.EnumerateObject().Select(tensor => tensor.Name)];
        string? difference = right
            .Except(file.Tensors.Keys)
            .Select(name => $"'{name}' is missing")
            .Concat(file.Tensors.Keys.Except(right).Select(name => $"'{name}' should not exist"))
            .Concat(
                tensors
                    .EnumerateObject()
                    .Where(tensor => file.Tensors.ContainsKey(tensor.Name))
                    .Select(tensor => Difference(file.Tensors[tensor.Name], tensor.Value))
                    .OfType<string>()
            )
            .FirstOrDefault();
        return difference is null ? Verdict.Passed : Verdict.Failed(difference);
    }

    private static string? Difference(WeightTensor tensor, JsonElement expected)
    {
        string type = tensor.Type.ToString().ToLowerInvariant();
        string rightType = expected.GetProperty("dtype").GetString() ?? "";
        if (type != rightType)
        {
            return $"'{tensor.Name}' is {type} and should be {rightType}";
        }

        long[] shape = [.. expected.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
        if (!shape.SequenceEqual(tensor.Shape))
        {
            return $"'{tensor.Name}' has the shape [{string.Join(',', tensor.Shape)}] "
                + $"and should have [{string.Join(',', shape)}]";
        }

        float[] right = [.. expected.GetProperty("first").EnumerateArray().Select(value => value.GetSingle())];
        float[] first = [.. tensor.ToSingles().Take(right.Length)];
        return right.SequenceEqual(first)
            ? null
            : $"'{tensor.Name}' begins with {string.Join(", ", first)} "
                + $"and should begin with {string.Join(", ", right)}";
    }

    [GeneratedRegex(@"\w+(\.\w+)+")]
    private static partial Regex DottedName();
}
