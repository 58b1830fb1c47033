using Graft.Training;

namespace Graft.Cli.Views;

/// <summary>Weights of a named network that lie on disk now.</summary>
internal static class StoredWeightsView
{
    public static void WriteJson(StoredWeights weights, TextWriter output) => JsonOutput.Write(output, json =>
        {
            json.WriteStartObject();
            json.WriteString("body", weights.Body);
            json.WriteString("path", weights.Path);
            json.WriteNumber("bytes", new FileInfo(weights.Path).Length);
            json.WriteString("sha256", weights.Sha256);
            json.WriteString("licence", weights.License);
            json.WriteString("origin", weights.Origin);
            json.WriteEndObject();
        });
}
