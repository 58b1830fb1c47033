using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Graft.Training;

namespace Graft.Studio.Tests;

/// <summary>A studio over some pictures of the sample, and what its page would send.</summary>
internal sealed class StudioClient : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly HttpClientHandler _handler;

    private StudioClient(StudioServer studio, TemporaryFolder folder)
    {
        (Studio, _folder) = (studio, folder);
        _handler = new() { CookieContainer = new CookieContainer(), AllowAutoRedirect = true };
        Http = new(_handler) { BaseAddress = new(studio.Address, "/") };
        Http.DefaultRequestHeaders.Add("Origin", Http.BaseAddress.ToString().TrimEnd('/'));
    }

    /// <summary>The server.</summary>
    public StudioServer Studio { get; }

    /// <summary>Sends requests with the page's cookie and origin.</summary>
    public HttpClient Http { get; }

    /// <summary>The folder with the pictures and the runs.</summary>
    public string Root => _folder.Root;

    /// <summary>The pictures: three classes of ten.</summary>
    public string Images => Path.Combine(Root, "photos");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Starts a studio that has the pictures open, and enters it.</summary>
    /// <param name="isOpen">False: nothing is open.</param>
    /// <param name="uploadBytes">Most bytes of what is dropped.</param>
    public static async Task<StudioClient> StartAsync(bool isOpen = true, long uploadBytes = 1 << 30)
    {
        TemporaryFolder folder = new();
        foreach (string name in (string[])["bolt", "gear", "nut"])
        {
            string target = Directory.CreateDirectory(Path.Combine(folder.Root, "photos", name)).FullName;
            foreach (
                string file in Directory
                    .EnumerateFiles(Path.Combine(SharedData.Root, "samples", "parts", name))
                    .Order(StringComparer.Ordinal)
                    .Take(10)
            )
            {
                File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
            }
        }

        StudioServer studio = await StudioServer.StartAsync(
            new()
            {
                ImagesPath = isOpen ? Path.Combine(folder.Root, "photos") : null,
                UploadBytes = uploadBytes,
                RunsFolder = Path.Combine(folder.Root, "runs"),
                Training = new() { Cache = new() { Folder = Path.Combine(folder.Root, "cache") } },
            },
            Cancel
        );
        StudioClient client = new(studio, folder);
        (await client.Http.GetAsync(studio.Address, Cancel)).EnsureSuccessStatusCode();
        return client;
    }

    /// <summary>The JSON at an address.</summary>
    public async Task<JsonElement> GetAsync(string address) =>
        await Http.GetFromJsonAsync<JsonElement>(address, Cancel);

    /// <summary>The JSON that a request is answered with; other answers fail the test.</summary>
    public async Task<JsonElement> PostAsync(string address, object body)
    {
        HttpResponseMessage answer = await Http.PostAsJsonAsync(address, body, Cancel);
        string text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    /// <summary>Sends a file as the page does, as a part of an upload.</summary>
    /// <param name="upload">Name of the upload.</param>
    /// <param name="path">Path of the file in what is dropped.</param>
    /// <param name="bytes">Its content.</param>
    public async Task<HttpResponseMessage> SendAsync(string upload, string path, byte[] bytes)
    {
        using ByteArrayContent body = new(bytes);
        return await Http.PutAsync($"/api/uploads/{upload}?path={Uri.EscapeDataString(path)}", body, Cancel);
    }

    /// <summary>Starts what takes its time and waits until it has ended without an error.</summary>
    public async Task WorkAsync(string address, object body)
    {
        JsonElement state = await PostAsync(address, body);
        while (state.GetProperty("isRunning").GetBoolean())
        {
            await Task.Delay(100, Cancel);
            state = await GetAsync($"{address}/state");
        }

        Assert.Equal(JsonValueKind.Null, state.GetProperty("message").ValueKind);
        Assert.True(state.GetProperty("hasResult").GetBoolean());
    }

    /// <summary>A picture of the sample that the open folder lacks.</summary>
    public static string OtherPicture(string name, int number) =>
        Path.Combine(SharedData.Root, "samples", "parts", name, $"{name}-{number:00}.jpg");

    /// <summary>A folder without classes: three gears and three nuts that the open folder lacks.</summary>
    public string UnlabelledFolder()
    {
        string folder = Directory.CreateDirectory(Path.Combine(Root, "unsorted")).FullName;
        foreach (string name in (string[])["gear", "nut"])
        {
            for (int number = 28; number <= 30; number++)
            {
                File.Copy(OtherPicture(name, number), Path.Combine(folder, $"{name}-{number}.jpg"));
            }
        }

        return folder;
    }

    /// <summary>Starts a quick training.</summary>
    /// <returns>Name of the run.</returns>
    public async Task<string> TrainAsync()
    {
        JsonElement run = await PostAsync("/api/runs/", new { effort = Effort.Quick.ToString().ToLowerInvariant() });
        return run.GetProperty("name").GetString()!;
    }

    /// <summary>The events of a run until it is in a state.</summary>
    public async Task<IReadOnlyList<SseItem<string>>> FollowAsync(string run, string until, string? after = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, $"/api/runs/{run}/events");
        if (after is not null)
        {
            request.Headers.Add("Last-Event-ID", after);
        }

        using HttpResponseMessage answer = await Http.SendAsync(
            request,
            HttpCompletionOption.ResponseHeadersRead,
            Cancel
        );
        List<SseItem<string>> events = [];
        await foreach (
            SseItem<string> item in SseParser
                .Create(await answer.Content.ReadAsStreamAsync(Cancel))
                .EnumerateAsync(Cancel)
        )
        {
            events.Add(item);
            if (item.EventType == "state")
            {
                JsonElement state = JsonSerializer.Deserialize<JsonElement>(item.Data);
                Assert.True(state.GetProperty("state").GetString() != "failed" || until == "failed", item.Data);
                if (state.GetProperty("state").GetString() == until)
                {
                    return events;
                }
            }
        }

        throw new InvalidOperationException("The events ended.");
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _handler.Dispose();
        await Studio.DisposeAsync();
        _folder.Dispose();
    }
}
