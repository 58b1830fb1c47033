using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Graft.Training;

namespace Graft.Studio.Tests;

public sealed class RunTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_is_followed_to_its_end_and_a_reload_gets_the_rest()
    {
        await using StudioClient client = await StudioClient.StartAsync();

        string run = await client.TrainAsync();
        IReadOnlyList<SseItem<string>> events = await client.FollowAsync(run, "complete");

        string[] lines = await File.ReadAllLinesAsync(Path.Combine(client.Root, "runs", run, "log.jsonl"), Cancel);
        SseItem<string>[] log = [.. events.Where(item => item.EventType == "log")];
        Assert.Equal(lines, log.Select(item => item.Data));
        Assert.Equal(Enumerable.Range(1, lines.Length).Select(number => $"{number}"), log.Select(item => item.EventId));
        Assert.Contains(lines, line => line.Contains("\"event\":\"Improved\"", StringComparison.Ordinal));

        IReadOnlyList<SseItem<string>> rest = await client.FollowAsync(run, "complete", after: "3");
        Assert.Equal(lines[3..], rest.Where(item => item.EventType == "log").Select(item => item.Data));
    }

    [Fact]
    public async Task A_complete_run_shows_its_answers_its_pictures_and_its_report()
    {
        await using StudioClient client = await StudioClient.StartAsync();
        string run = await client.TrainAsync();
        await client.FollowAsync(run, "complete");

        JsonElement evaluation = await client.GetAsync($"/api/runs/{run}/evaluation");
        JsonElement[] items =
        [
            .. (await client.GetAsync($"/api/runs/{run}/test")).GetProperty("items").EnumerateArray(),
        ];
        Assert.Equal(evaluation.GetProperty("count").GetInt32(), items.Length);
        Assert.Equal(
            evaluation.GetProperty("correct").GetInt32(),
            items.Count(item => item.GetProperty("truth")[0].GetString() == item.GetProperty("answer")[0].GetString())
        );
        Assert.Equal("image/jpeg", await TypeAsync(client, $"/api/runs/{run}/test/0/picture?side=64"));
        Assert.Equal("image/png", await TypeAsync(client, $"/api/runs/{run}/test/0/heat?label=gear"));
        HttpResponseMessage unknown = await client.Http.GetAsync($"/api/runs/{run}/test/0/heat?label=cat", Cancel);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);

        HttpResponseMessage report = await client.Http.GetAsync($"/api/runs/{run}/report", Cancel);
        Assert.Equal("text/html", report.Content.Headers.ContentType!.MediaType);
        string policy = Assert.Single(report.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("sandbox allow-scripts;", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dropped_picture_is_classified_and_a_broken_one_is_refused()
    {
        await using StudioClient client = await StudioClient.StartAsync();
        string run = await client.TrainAsync();
        await client.FollowAsync(run, "complete");
        string picture = Path.Combine(SharedData.Root, "samples", "parts", "gear", "gear-30.jpg");

        JsonElement answer = await PredictAsync(client, run, await File.ReadAllBytesAsync(picture, Cancel));

        Assert.Equal("gear", answer.GetProperty("scores")[0].GetProperty("label").GetString());
        Assert.Equal(3, answer.GetProperty("scores").GetArrayLength());
        using ByteArrayContent broken = new([1, 2, 3]);
        HttpResponseMessage refused = await client.Http.PostAsync($"/api/runs/{run}/predict", broken, Cancel);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        using ByteArrayContent whole = new(await File.ReadAllBytesAsync(picture, Cancel));
        HttpResponseMessage heat = await client.Http.PostAsync($"/api/runs/{run}/heat?label=gear", whole, Cancel);
        Assert.Equal("image/png", heat.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_run_that_is_stopped_resumes_to_the_bytes_of_one_that_was_not()
    {
        await using StudioClient client = await StudioClient.StartAsync();
        string whole = await client.TrainAsync();
        string stopped = await client.TrainAsync();
        await client.FollowAsync(stopped, "queued");
        await client.PostAsync($"/api/runs/{stopped}/stop", new { });
        await client.FollowAsync(whole, "complete");
        Assert.Equal("stopped", await StateAsync(client, stopped));

        await client.PostAsync($"/api/runs/{stopped}/resume", new { });
        await client.FollowAsync(stopped, "running");
        await client.PostAsync($"/api/runs/{stopped}/stop", new { });
        await client.FollowAsync(stopped, "stopped");
        await client.PostAsync($"/api/runs/{stopped}/resume", new { });
        await client.FollowAsync(stopped, "complete");

        Assert.Equal(ModelOf(client, whole), ModelOf(client, stopped));
    }

    [Fact]
    public async Task Changed_labels_are_trained_on_and_kept_beside_the_run()
    {
        await using StudioClient client = await StudioClient.StartAsync();
        await client.PostAsync(
            "/api/data/edit",
            new
            {
                action = "rename",
                from = "nut",
                label = "hexagon",
            }
        );

        string run = await client.TrainAsync();
        await client.FollowAsync(run, "complete");

        JsonElement answers = await client.GetAsync($"/api/runs/{run}/test");
        Assert.Equal(
            ["bolt", "gear", "hexagon"],
            answers.GetProperty("classes").EnumerateArray().Select(one => one.GetString()!)
        );
        string list = Path.Combine(client.Root, "runs", $"{run}-labels.csv");
        Assert.Equal(list, RunFolder.Open(Path.Combine(client.Root, "runs", run)).Record.ImagesPath);
        Assert.True(Directory.Exists(Path.Combine(client.Images, "nut")));
    }

    [Theory]
    [InlineData("/api/runs/no-such-run/evaluation")]
    [InlineData("/api/runs/..%2F..%2Fphotos/options")]
    [InlineData("/api/runs/%2e%2e/options")]
    public async Task A_run_outside_the_folder_is_not_found(string address)
    {
        await using StudioClient client = await StudioClient.StartAsync();

        HttpResponseMessage answer = await client.Http.GetAsync(address, Cancel);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static async Task<JsonElement> PredictAsync(StudioClient client, string run, byte[] bytes)
    {
        using ByteArrayContent body = new(bytes);
        HttpResponseMessage answer = await client.Http.PostAsync($"/api/runs/{run}/predict", body, Cancel);
        return JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(Cancel));
    }

    private static async Task<string> TypeAsync(StudioClient client, string address) =>
        (await client.Http.GetAsync(address, Cancel)).Content.Headers.ContentType!.MediaType!;

    private static async Task<string> StateAsync(StudioClient client, string run) =>
        (await client.GetAsync("/api/runs/"))
            .EnumerateArray()
            .Single(one => one.GetProperty("name").GetString() == run)
            .GetProperty("state")
            .GetString()!;

    private static byte[] ModelOf(StudioClient client, string run) =>
        File.ReadAllBytes(Path.Combine(client.Root, "runs", run, "model.onnx"));
}
