using System.Text.Json.Nodes;

namespace Graft.Tests;

/// <summary>What a run says of itself, but for the time it took.</summary>
internal static class Scores
{
    /// <summary>evaluation.json without its last member, "seconds", which must be there.</summary>
    public static string Of(string runFolder)
    {
        JsonObject evaluation = JsonNode
            .Parse(File.ReadAllText(Path.Combine(runFolder, "evaluation.json")))!
            .AsObject();
        Assert.Equal("seconds", evaluation.Last().Key);
        Assert.NotEmpty(evaluation["seconds"]!.AsObject());
        evaluation.Remove("seconds");
        return evaluation.ToJsonString();
    }
}
