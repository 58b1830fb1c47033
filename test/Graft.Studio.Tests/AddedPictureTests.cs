using System.Net;
using System.Text.Json;
using Graft.Training;

namespace Graft.Studio.Tests;

/// <summary>"Wrong? It is X" on the page Use.</summary>
public sealed class AddedPictureTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_picture_joins_the_set_and_leaves_the_folder_as_it_is()
    {
        await using StudioClient client = await StudioClient.StartAsync();

        JsonElement added = await AddAsync(client, StudioClient.OtherPicture("gear", 30), "cog");

        Assert.True(added.GetProperty("isNew").GetBoolean());
        int number = added.GetProperty("number").GetInt32();
        JsonElement data = await client.GetAsync("/api/data/");
        Assert.Equal(31, data.GetProperty("imageCount").GetInt32());
        Assert.Equal(1, data.GetProperty("changedCount").GetInt32());
        JsonElement images = await client.GetAsync("/api/data/images");
        Assert.Equal("cog", images.GetProperty("labels")[number][0].GetString());
        HttpResponseMessage picture = await client.Http.GetAsync(
            $"/api/data/{data.GetProperty("id").GetString()}/pictures/{number}?side=64",
            Cancel
        );
        Assert.Equal("image/jpeg", picture.Content.Headers.ContentType!.MediaType);
        Assert.Equal(30, Directory.GetFiles(client.Images, "*", SearchOption.AllDirectories).Length);
        Assert.Empty(Directory.GetFiles(client.Root));
    }

    [Fact]
    public async Task It_can_be_taken_back_and_is_in_the_list_that_is_written()
    {
        await using StudioClient client = await StudioClient.StartAsync();
        await AddAsync(client, StudioClient.OtherPicture("gear", 30), "gear");

        JsonElement undone = await client.PostAsync("/api/data/edit", new { action = "undo" });
        Assert.Equal(1, undone.GetProperty("unlabelledCount").GetInt32());
        Assert.Equal(0, undone.GetProperty("changedCount").GetInt32());
        await client.PostAsync("/api/data/edit", new { action = "redo" });
        string path = (await client.PostAsync("/api/data/write", new { })).GetProperty("path").GetString()!;

        ImageSet set = ImageSet.Load(path, cancel: Cancel);
        Assert.Equal(31, set.Images.Length);
        Assert.Equal(11, set.Images.Count(image => image.Label == "gear"));
        Assert.Single(
            set.Images,
            image => image.File!.StartsWith(Path.Combine(client.Root, "runs", "studio"), StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task The_next_training_learns_from_it()
    {
        await using StudioClient client = await StudioClient.StartAsync();
        await AddAsync(client, StudioClient.OtherPicture("gear", 30), "gear");

        string run = await client.TrainAsync();
        await client.FollowAsync(run, "complete");

        ImageSplit split = RunFolder.Open(Path.Combine(client.Root, "runs", run)).ReadSplit(cancel: Cancel);
        Assert.Equal(31, split.Train.Length + split.Validation.Length + split.Test.Length);
    }

    [Fact]
    public async Task A_picture_that_the_set_holds_gets_the_label_there()
    {
        await using StudioClient client = await StudioClient.StartAsync();
        string own = Directory.GetFiles(Path.Combine(client.Images, "bolt")).Order(StringComparer.Ordinal).First();

        JsonElement added = await AddAsync(client, own, "nut");

        Assert.False(added.GetProperty("isNew").GetBoolean());
        JsonElement images = await client.GetAsync("/api/data/images");
        Assert.Equal(30, images.GetProperty("names").GetArrayLength());
        Assert.Equal("nut", images.GetProperty("labels")[added.GetProperty("number").GetInt32()][0].GetString());
    }

    [Theory]
    [InlineData("gear", false)]
    [InlineData(" ", true)]
    public async Task A_broken_picture_and_an_empty_class_are_refused(string label, bool isPicture)
    {
        await using StudioClient client = await StudioClient.StartAsync();
        byte[] bytes = isPicture
            ? await File.ReadAllBytesAsync(StudioClient.OtherPicture("gear", 30), Cancel)
            : [0xFF, 0xD8, 0xFF, 0xE0, 1, 2, 3];
        using ByteArrayContent body = new(bytes);

        HttpResponseMessage answer = await client.Http.PostAsync(AddressOf(label), body, Cancel);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(30, (await client.GetAsync("/api/data/")).GetProperty("imageCount").GetInt32());
        Assert.False(Directory.Exists(Path.Combine(client.Root, "runs", "studio")));
    }

    private static string AddressOf(string label) => $"/api/data/add?label={Uri.EscapeDataString(label)}";

    private static async Task<JsonElement> AddAsync(StudioClient client, string file, string label)
    {
        using ByteArrayContent body = new(await File.ReadAllBytesAsync(file, Cancel));
        HttpResponseMessage answer = await client.Http.PostAsync(AddressOf(label), body, Cancel);
        string text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }
}
