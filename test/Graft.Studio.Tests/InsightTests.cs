using System.Text.Json;

namespace Graft.Studio.Tests;

/// <summary>What the studio computes about the open images.</summary>
public sealed class InsightTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_doctor_finds_a_wrong_label_a_copy_and_an_unreadable_file()
    {
        await using StudioClient client = await StudioClient.StartAsync(isOpen: false);
        string bolt = Directory.GetFiles(Path.Combine(client.Images, "bolt")).Order(StringComparer.Ordinal).First();
        File.Copy(bolt, Path.Combine(client.Images, "bolt", "copy.jpg"));
        await File.WriteAllTextAsync(Path.Combine(client.Images, "gear", "text.jpg"), "no picture", Cancel);
        File.Copy(StudioClient.OtherPicture("gear", 30), Path.Combine(client.Images, "nut", "wrong.jpg"));
        await client.PostAsync("/api/data/open", new { path = client.Images });

        await client.WorkAsync("/api/data/findings", new { });

        JsonElement[] items =
        [
            .. (await client.GetAsync("/api/data/findings")).GetProperty("items").EnumerateArray(),
        ];
        string[] names = await NamesAsync(client);
        JsonElement label = Assert.Single(items, one => Text(one, "name") == "nut/wrong.jpg");
        Assert.Equal("label", Text(label, "group"));
        Assert.Equal("gear", Text(label, "suggested"));
        Assert.Equal("nut/wrong.jpg", names[label.GetProperty("image").GetInt32()]);
        JsonElement copy = Assert.Single(items, one => Text(one, "kind") == "copy");
        Assert.Equal(
            ["bolt/copy.jpg", $"bolt/{Path.GetFileName(bolt)}"],
            new[] { copy.GetProperty("image"), copy.GetProperty("other") }
                .Select(one => names[one.GetInt32()])
                .OrderByDescending(name => name, StringComparer.Ordinal)
        );
        JsonElement text = Assert.Single(items, one => Text(one, "group") == "unreadable");
        Assert.Equal("gear/text.jpg", Text(text, "name"));
        Assert.Equal(JsonValueKind.Null, text.GetProperty("image").ValueKind);
    }

    [Fact]
    public async Task The_doctor_looks_at_the_labels_as_they_were_changed()
    {
        await using StudioClient client = await StudioClient.StartAsync();
        object edit = new
        {
            action = "label",
            images = new[] { 0 },
            label = "nut",
        };
        await client.PostAsync("/api/data/edit", edit);

        await client.WorkAsync("/api/data/findings", new { });

        JsonElement findings = await client.GetAsync("/api/data/findings");
        JsonElement found = Assert.Single(
            findings.GetProperty("items").EnumerateArray(),
            one => Text(one, "group") == "label" && one.GetProperty("image").GetInt32() == 0
        );
        Assert.Equal("bolt", Text(found, "suggested"));
    }

    [Fact]
    public async Task More_like_this_starts_with_the_picture_and_finds_its_class()
    {
        await using StudioClient client = await StudioClient.StartAsync();

        await client.WorkAsync("/api/data/features", new { });
        JsonElement[] similar = [.. (await client.GetAsync("/api/data/similar/12")).EnumerateArray()];

        string[] names = await NamesAsync(client);
        Assert.Equal(30, similar.Length);
        Assert.Equal(12, similar[0].GetProperty("image").GetInt32());
        Assert.All(similar[..4], one => Assert.StartsWith("gear/", names[one.GetProperty("image").GetInt32()]));
        double[] values = [.. similar.Select(one => one.GetProperty("similarity").GetDouble())];
        Assert.Equal(values.OrderDescending(), values);
    }

    [Fact]
    public async Task The_map_has_the_principal_axes()
    {
        await using StudioClient client = await StudioClient.StartAsync();

        await client.WorkAsync("/api/data/features", new { });
        JsonElement[] points = [.. (await client.GetAsync("/api/data/map")).EnumerateArray()];

        Assert.Equal(Enumerable.Range(0, 30), points.Select(one => one.GetProperty("image").GetInt32()).Order());
        double[] x = [.. points.Select(one => one.GetProperty("x").GetDouble())];
        double[] y = [.. points.Select(one => one.GetProperty("y").GetDouble())];
        double alongX = x.Sum(one => one * one);
        double alongY = y.Sum(one => one * one);
        Assert.True(alongX >= alongY, $"{alongX} along x, {alongY} along y");
        Assert.InRange(x.Zip(y, (one, other) => one * other).Sum() / alongX, -0.02, 0.02);
        Assert.Equal(1, x.Concat(y).Max(Math.Abs), tolerance: 1e-5);
    }

    [Fact]
    public async Task Unlabelled_pictures_are_sorted_and_their_proposals_accepted()
    {
        await using StudioClient client = await StudioClient.StartAsync();
        string run = await client.TrainAsync();
        await client.FollowAsync(run, "complete");
        JsonElement added = await client.PostAsync("/api/data/unlabelled", new { path = client.UnlabelledFolder() });
        Assert.Equal(6, added.GetProperty("unlabelledCount").GetInt32());
        Assert.Equal(0, added.GetProperty("changedCount").GetInt32());

        await client.WorkAsync("/api/data/proposals", new { run });

        JsonElement[] items =
        [
            .. (await client.GetAsync("/api/data/proposals")).GetProperty("items").EnumerateArray(),
        ];
        string[] names = await NamesAsync(client);
        Assert.Equal(6, items.Length);
        Assert.All(items, one => Assert.StartsWith("unsorted/", names[one.GetProperty("image").GetInt32()]));
        JsonElement surest = items.MaxBy(one => one.GetProperty("probability").GetDouble());
        string label = surest.GetProperty("labels")[0].GetString()!;
        Assert.StartsWith($"unsorted/{label}", names[surest.GetProperty("image").GetInt32()], StringComparison.Ordinal);
        object accept = new
        {
            action = "accept",
            images = items.Select(one => one.GetProperty("image").GetInt32()),
            labels = items.Select(one => one.GetProperty("labels")),
        };
        JsonElement data = await client.PostAsync("/api/data/edit", accept);
        Assert.Equal(0, data.GetProperty("unlabelledCount").GetInt32());
        Assert.Equal(6, data.GetProperty("changedCount").GetInt32());
    }

    [Fact]
    public async Task An_unlabelled_folder_alone_can_be_labelled_from_nothing()
    {
        await using StudioClient client = await StudioClient.StartAsync(isOpen: false);

        JsonElement data = await client.PostAsync("/api/data/unlabelled", new { path = client.UnlabelledFolder() });

        Assert.Equal(6, data.GetProperty("unlabelledCount").GetInt32());
        Assert.Equal(0, data.GetProperty("classes").GetArrayLength());
        object edit = new
        {
            action = "label",
            images = new[] { 0, 1 },
            label = "gear",
        };
        Assert.Equal(1, (await client.PostAsync("/api/data/edit", edit)).GetProperty("classes").GetArrayLength());
    }

    [Fact]
    public async Task An_image_that_is_left_out_is_in_no_list()
    {
        await using StudioClient client = await StudioClient.StartAsync();

        JsonElement data = await client.PostAsync("/api/data/edit", new { action = "leaveOut", images = new[] { 0 } });
        string path = (await client.PostAsync("/api/data/write", new { })).GetProperty("path").GetString()!;

        Assert.Equal(1, data.GetProperty("unlabelledCount").GetInt32());
        Assert.Equal(30, (await File.ReadAllLinesAsync(path, Cancel)).Length); // a header and 29 images
        Assert.Equal(30, Directory.GetFiles(client.Images, "*", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public void Among_uncertain_images_the_different_one_comes_before_the_same_again()
    {
        float[][] features = [[1, 0], [1, 0], [0, 1], [0, 1]];

        int[] order = LabellingOrder.Of([0.9, 0.89, 0.8, 0.1], index => features[index], Cancel);

        Assert.Equal([0, 2], order[..2]);
        Assert.Equal([0, 1, 2, 3], order.Order());
    }

    private static async Task<string[]> NamesAsync(StudioClient client) =>
        [
            .. (await client.GetAsync("/api/data/images"))
                .GetProperty("names")
                .EnumerateArray()
                .Select(one => one.GetString()!),
        ];

    private static string? Text(JsonElement item, string property) => item.GetProperty(property).GetString();
}
