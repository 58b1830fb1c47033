using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Graft.Training;

namespace Graft.Studio.Tests;

public sealed class DataTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_open_folder_shows_its_classes()
    {
        await using StudioClient client = await StudioClient.StartAsync(isOpen: false);
        Assert.Equal(JsonValueKind.Null, (await client.GetAsync("/api/data/")).ValueKind);

        JsonElement data = await client.PostAsync("/api/data/open", new { path = client.Images });

        Assert.Equal(30, data.GetProperty("imageCount").GetInt32());
        Assert.Equal([("bolt", 10), ("gear", 10), ("nut", 10)], Counts(data));
        JsonElement images = await client.GetAsync("/api/data/images");
        Assert.Equal(30, images.GetProperty("names").GetArrayLength());
        Assert.Equal("bolt", images.GetProperty("labels")[0][0].GetString());
    }

    [Fact]
    public async Task Labels_change_in_memory_and_can_be_taken_back_and_repeated()
    {
        await using StudioClient client = await StudioClient.StartAsync();

        Assert.Equal(
            [("bolt", 8), ("gear", 10), ("nut", 12)],
            Counts(
                await EditAsync(
                    client,
                    new
                    {
                        action = "label",
                        images = new[] { 0, 1 },
                        label = "nut",
                    }
                )
            )
        );
        Assert.Equal(
            [("bolt", 8), ("nut", 22)],
            Counts(
                await EditAsync(
                    client,
                    new
                    {
                        action = "rename",
                        from = "gear",
                        label = "nut",
                    }
                )
            )
        );
        Assert.Equal(
            [("bolt", 8), ("gear", 10), ("nut", 12)],
            Counts(await EditAsync(client, new { action = "undo" }))
        );
        Assert.Equal(
            [("bolt", 10), ("gear", 10), ("nut", 10)],
            Counts(await EditAsync(client, new { action = "undo" }))
        );
        JsonElement again = await EditAsync(client, new { action = "redo" });
        Assert.Equal([("bolt", 8), ("gear", 10), ("nut", 12)], Counts(again));
        Assert.Equal(2, again.GetProperty("changedCount").GetInt32());
        Assert.Empty(Directory.GetFiles(client.Root));
        Assert.Equal(10, Directory.GetFiles(Path.Combine(client.Images, "bolt")).Length);
    }

    [Fact]
    public async Task Written_labels_are_a_list_that_a_training_reads()
    {
        await using StudioClient client = await StudioClient.StartAsync();
        string[] names = ["wing, \"left\"; 1", "a|b"];
        await EditAsync(
            client,
            new
            {
                action = "label",
                images = new[] { 0, 1 },
                label = names[0],
            }
        );
        await EditAsync(
            client,
            new
            {
                action = "label",
                images = new[] { 2 },
                label = names[1],
            }
        );

        string path = (await client.PostAsync("/api/data/write", new { })).GetProperty("path").GetString()!;

        Assert.Equal(Path.Combine(client.Root, "photos-labels.csv"), path);
        ImageSet set = ImageSet.Load(path, new() { LeastImages = 1 }, cancel: Cancel);
        Assert.Equal(2, set.Images.Count(image => image.Label == names[0]));
        Assert.Equal(1, set.Images.Count(image => image.Label == names[1]));
        Assert.Equal(30, set.Images.Length);
        string second = (await client.PostAsync("/api/data/write", new { })).GetProperty("path").GetString()!;
        Assert.Equal(Path.Combine(client.Root, "photos-labels-2.csv"), second);
    }

    [Theory]
    [InlineData("{\"action\":\"label\",\"images\":[99],\"label\":\"x\"}")]
    [InlineData("{\"action\":\"label\",\"images\":[-1],\"label\":\"x\"}")]
    [InlineData("{\"action\":\"label\",\"images\":[0],\"label\":\"  \"}")]
    [InlineData("{\"action\":\"delete\",\"images\":[0]}")]
    public async Task A_change_that_makes_no_sense_is_refused_as_a_whole(string json)
    {
        await using StudioClient client = await StudioClient.StartAsync();
        using StringContent body = new(json, System.Text.Encoding.UTF8, "application/json");

        HttpResponseMessage answer = await client.Http.PostAsync("/api/data/edit", body, Cancel);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(0, (await client.GetAsync("/api/data/")).GetProperty("changedCount").GetInt32());
    }

    [Fact]
    public async Task A_picture_is_a_small_JPEG_and_a_broken_one_is_named()
    {
        await using StudioClient client = await StudioClient.StartAsync();
        string id = (await client.GetAsync("/api/data/")).GetProperty("id").GetString()!;

        HttpResponseMessage picture = await client.Http.GetAsync($"/api/data/{id}/pictures/0?side=64", Cancel);
        Assert.Equal("image/jpeg", picture.Content.Headers.ContentType!.MediaType);
        byte[] bytes = await picture.Content.ReadAsByteArrayAsync(Cancel);
        Assert.Equal([0xFF, 0xD8, 0xFF], bytes[..3]);
        Assert.InRange(bytes.Length, 300, 10_000);

        File.WriteAllText(
            Directory.GetFiles(Path.Combine(client.Images, "bolt")).Order(StringComparer.Ordinal).First(),
            "x"
        );
        HttpResponseMessage broken = await client.Http.GetAsync($"/api/data/{id}/pictures/0?side=64", Cancel);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, broken.StatusCode);
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await client.Http.GetAsync("/api/data/other/pictures/0?side=64", Cancel)).StatusCode
        );
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await client.Http.GetAsync($"/api/data/{id}/pictures/99?side=64", Cancel)).StatusCode
        );
    }

    [Fact]
    public async Task A_path_that_is_not_there_is_named_and_what_was_open_stays()
    {
        await using StudioClient client = await StudioClient.StartAsync();

        HttpResponseMessage answer = await client.Http.PostAsJsonAsync(
            "/api/data/open",
            new { path = "/no/such/folder" },
            Cancel
        );

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("'/no/such/folder'", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(30, (await client.GetAsync("/api/data/")).GetProperty("imageCount").GetInt32());
    }

    private static Task<JsonElement> EditAsync(StudioClient client, object edit) =>
        client.PostAsync("/api/data/edit", edit);

    private static IEnumerable<(string, int)> Counts(JsonElement data) =>
        data.GetProperty("classes")
            .EnumerateArray()
            .Select(one => (one.GetProperty("name").GetString()!, one.GetProperty("count").GetInt32()));
}
