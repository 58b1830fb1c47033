using System.Text.Json;
using Graft.Training;

namespace Graft.Studio.Tests;

/// <summary>A set whose images have any number of labels.</summary>
public sealed class SeveralLabelsTests
{
    private const int ImageCount = 40;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_label_is_added_by_giving_it_and_taken_away_by_giving_it_again()
    {
        await using StudioClient client = await StudioClient.StartAsync(isOpen: false);
        JsonElement data = await client.PostAsync("/api/data/open", new { path = Assemblies(client) });
        Assert.True(data.GetProperty("isMultiLabel").GetBoolean());
        string[] before = await LabelsAsync(client);

        await GiveAsync(client, "crack");
        string[] more = await LabelsAsync(client);
        Assert.Equal(before.Append("crack").Order(StringComparer.Ordinal), more);

        string path = (await client.PostAsync("/api/data/write", new { })).GetProperty("path").GetString()!;
        ImageSet written = ImageSet.Load(path, new() { LeastImages = 1 }, cancel: Cancel);
        Assert.Equal(ImageCount, written.Images.Length);
        Assert.Contains("crack", Assert.Single(written.Images, image => image.Labels.Contains("crack")).Labels);

        await GiveAsync(client, "crack");
        string[] after = await LabelsAsync(client);
        Assert.Equal(before, after);
    }

    [Fact]
    public async Task The_doctor_and_more_like_this_work()
    {
        await using StudioClient client = await StudioClient.StartAsync(isOpen: false);
        await client.PostAsync("/api/data/open", new { path = Assemblies(client) });

        await client.WorkAsync("/api/data/findings", new { });
        await client.WorkAsync("/api/data/features", new { });

        JsonElement[] similar = [.. (await client.GetAsync("/api/data/similar/3")).EnumerateArray()];
        Assert.Equal(ImageCount, similar.Length);
        Assert.Equal(3, similar[0].GetProperty("image").GetInt32());
    }

    private static async Task GiveAsync(StudioClient client, string label) =>
        await client.PostAsync(
            "/api/data/edit",
            new
            {
                action = "label",
                images = new[] { 0 },
                label,
            }
        );

    private static async Task<string[]> LabelsAsync(StudioClient client)
    {
        JsonElement images = await client.GetAsync("/api/data/images");
        return [.. images.GetProperty("labels")[0].EnumerateArray().Select(label => label.GetString()!)];
    }

    // The first images of the sample, copied, as labels are written beside them.
    private static string Assemblies(StudioClient client)
    {
        string sample = Path.Combine(SharedData.Root, "samples", "assemblies");
        string[] lines = [.. File.ReadLines(Path.Combine(sample, "labels.csv")).Take(ImageCount + 1)];
        string folder = Directory.CreateDirectory(Path.Combine(client.Root, "assemblies", "images")).FullName;
        foreach (string name in lines[1..].Select(line => Path.GetFileName(line.Split(',')[0])))
        {
            File.Copy(Path.Combine(sample, "images", name), Path.Combine(folder, name));
        }

        string list = Path.Combine(client.Root, "assemblies", "labels.csv");
        File.WriteAllLines(list, lines);
        return list;
    }
}
