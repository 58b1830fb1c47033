using System.Text.Json;
using System.Text.RegularExpressions;
using Graft.Training.Weights;

namespace Graft.Conformance;

/// <summary>files/expected.json: what a reader of weight files must find, and what it must refuse.</summary>
internal static partial class FileCases
{
    public static bool IsExpectation(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object
        && root.EnumerateObject().Any()
        && root.EnumerateObject()
            .All(file =>
                file.Value.ValueKind == JsonValueKind.Object
                && (file.Value.TryGetProperty("tensors", out _) || file.Value.TryGetProperty("refused", out _))
            );

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
            // The refusal must name what the file wanted to run.
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
        string type = tensor.Type.ToString().ToLowerInvariant(),
            rightType = expected.GetProperty("dtype").GetString() ?? "";
        long[] shape = [.. expected.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
        float[] first = [.. expected.GetProperty("first").EnumerateArray().Select(value => value.GetSingle())];
        float[] values = tensor.ToSingles();
        return type != rightType ? $"'{tensor.Name}' is {type} and should be {rightType}"
            : !shape.SequenceEqual(tensor.Shape)
                ? $"'{tensor.Name}' has the shape [{string.Join(',', tensor.Shape)}] and should have [{string.Join(',', shape)}]"
            : !first.SequenceEqual(values.Take(first.Length))
                ? $"'{tensor.Name}' starts with {string.Join(", ", values.Take(first.Length))} and should with {string.Join(", ", first)}"
            : null;
    }

    [GeneratedRegex(@"\w+(\.\w+)+")]
    private static partial Regex DottedName();
}
