using System.Text.Json.Nodes;
using Graft.Training.Metrics;

namespace Graft.Training.Tests;

/// <summary>Values of PyTorch and scikit-learn for 60 images of 6 classes (shared/golden/multilabel).</summary>
internal static class GoldenLabels
{
    private static readonly Lazy<JsonNode> s_file = new(() =>
        JsonNode.Parse(File.ReadAllText(SharedData.Find("golden/multilabel/expected.json")))!
    );

    public static JsonNode Json => s_file.Value;

    public static int Classes => (int)Json["C"]!;

    public static int Features => (int)Json["F"]!;

    public static TrueLabels Labels =>
        TrueLabels.OfSets(Array.ConvertAll(Doubles(Json["labels"]!), value => (byte)value), Classes);

    public static double[] Logits => Doubles(Json["logits"]!);

    public static float[] Probabilities => Array.ConvertAll(Logits, logit => (float)Sigmoid.Of(logit));

    public static double[] Doubles(JsonNode array) => [.. array.AsArray().Select(value => (double)value!)];

    public static void Near(IReadOnlyList<double> expected, IReadOnlyList<double> actual, double tolerance)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i])),
                $"{i}: {expected[i]} is not {actual[i]}"
            );
        }
    }
}
