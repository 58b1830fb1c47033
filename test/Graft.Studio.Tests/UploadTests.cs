using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Graft.Training;

namespace Graft.Studio.Tests;

/// <summary>What is dropped on the page Data.</summary>
public sealed class UploadTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_dropped_archive_opens_and_its_changed_labels_can_be_trained_on()
    {
        await using StudioClient client = await StudioClient.StartAsync(isOpen: false);
        string upload = await BeginAsync(client);
        await SendAsync(client, upload, "parts.zip", TestArchive.Of(client.Images));

        JsonElement data = await client.PostAsync($"/api/uploads/{upload}/open", new { });

        Assert.Equal(30, data.GetProperty("imageCount").GetInt32());
        Assert.EndsWith("parts.zip", data.GetProperty("source").GetString(), StringComparison.Ordinal);
        object edit = new
        {
            action = "label",
            images = new[] { 0, 1 },
            label = "nut",
        };
        await client.PostAsync("/api/data/edit", edit);
        string path = (await client.PostAsync("/api/data/write", new { })).GetProperty("path").GetString()!;
        ImageSet set = ImageSet.Load(path, cancel: Cancel);
        Assert.Equal(30, set.Images.Length);
        Assert.Equal(12, set.Images.Count(image => image.Label == "nut"));
    }

    [Fact]
    public async Task A_dropped_folder_opens_with_its_classes()
    {
        await using StudioClient client = await StudioClient.StartAsync(isOpen: false);
        string upload = await BeginAsync(client);
        foreach (string file in Directory.GetFiles(client.Images, "*", SearchOption.AllDirectories))
        {
            string path = $"photos/{Path.GetRelativePath(client.Images, file).Replace('\\', '/')}";
            await SendAsync(client, upload, path, await File.ReadAllBytesAsync(file, Cancel));
        }

        JsonElement data = await client.PostAsync($"/api/uploads/{upload}/open", new { });

        Assert.Equal(30, data.GetProperty("imageCount").GetInt32());
        Assert.Equal(3, data.GetProperty("classes").GetArrayLength());
        Assert.Equal("photos", Path.GetFileName(data.GetProperty("source").GetString()));
    }

    [Theory]
    [InlineData(true, "leads out of the archive")]
    [InlineData(false, "archive bombs")]
    public async Task A_harmful_archive_is_refused_by_name_and_deleted(bool isTraversing, string reason)
    {
        await using StudioClient client = await StudioClient.StartAsync();
        string upload = await BeginAsync(client);
        byte[] bytes = isTraversing ? TestArchive.Traversing() : TestArchive.Bomb();
        await SendAsync(client, upload, "harmful.zip", bytes);

        HttpResponseMessage answer = await client.Http.PostAsJsonAsync(
            $"/api/uploads/{upload}/open",
            new { },
            Cancel
        );

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        string detail = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.Contains("harmful.zip", detail, StringComparison.Ordinal);
        Assert.Contains(reason, detail, StringComparison.Ordinal);
        Assert.Equal(30, (await client.GetAsync("/api/data/")).GetProperty("imageCount").GetInt32());
        Assert.Empty(Directory.GetFiles(client.Root, "*.zip", SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFiles(client.Root, "evil.jpg", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("../evil.jpg")]
    [InlineData("/tmp/evil.jpg")]
    [InlineData("a/../../../evil.jpg")]
    [InlineData("a\\..\\evil.jpg")]
    [InlineData("a//evil.jpg")]
    [InlineData("a/./evil.jpg")]
    [InlineData("a/evil\u0001.jpg")]
    [InlineData("")]
    [InlineData("1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/evil.jpg")]
    public async Task A_path_that_leaves_the_upload_is_refused(string path)
    {
        await using StudioClient client = await StudioClient.StartAsync();
        string upload = await BeginAsync(client);

        HttpResponseMessage answer = await client.SendAsync(upload, path, [1, 2, 3]);

        Assert.True((int)answer.StatusCode is 400 or 422, $"{answer.StatusCode}");
        Assert.Empty(Directory.GetFiles(client.Root, "evil*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task More_bytes_than_the_limit_are_refused_in_one_file_and_in_all()
    {
        await using StudioClient client = await StudioClient.StartAsync(uploadBytes: 100_000);
        string upload = await BeginAsync(client);

        HttpResponseMessage one = await client.SendAsync(upload, "a.jpg", new byte[100_001]);
        await SendAsync(client, upload, "b.jpg", new byte[60_000]);
        HttpResponseMessage all = await client.SendAsync(upload, "c.jpg", new byte[60_000]);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, one.StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, all.StatusCode);
        Assert.Contains("100,000 bytes", await all.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_dropped_and_not_opened_is_deleted_at_the_end()
    {
        StudioClient client = await StudioClient.StartAsync();
        string upload = await BeginAsync(client);
        await SendAsync(client, upload, "a.jpg", [1, 2, 3]);
        Assert.Single(Directory.GetFiles(client.Root, "a.jpg", SearchOption.AllDirectories));

        await client.Studio.DisposeAsync();

        Assert.Empty(Directory.GetFiles(client.Root, "a.jpg", SearchOption.AllDirectories));
        await client.DisposeAsync();
    }

    [Fact]
    public async Task An_upload_that_was_not_begun_is_not_found()
    {
        await using StudioClient client = await StudioClient.StartAsync();

        HttpResponseMessage answer = await client.SendAsync("..", "a.jpg", [1, 2, 3]);
        HttpResponseMessage other = await client.SendAsync("20260101-000000-1", "a.jpg", [1, 2, 3]);

        Assert.False(answer.IsSuccessStatusCode);
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
    }

    private static async Task<string> BeginAsync(StudioClient client) =>
        (await client.PostAsync("/api/uploads/", new { })).GetProperty("name").GetString()!;

    private static async Task SendAsync(StudioClient client, string upload, string path, byte[] bytes) =>
        Assert.Equal(HttpStatusCode.NoContent, (await client.SendAsync(upload, path, bytes)).StatusCode);
}
