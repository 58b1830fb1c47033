using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Playwright;
using static Graft.Studio.Tests.StudioPage;
using static Microsoft.Playwright.Assertions;

namespace Graft.Studio.Tests;

/// <summary>
/// The grid with many thumbnails. Runs only with GRAFT_HEAVY=1, because it writes 100,000 files. It prints what it
/// measured, which depends on what else the machine does.
/// </summary>
public sealed class GridTests(ITestOutputHelper output)
{
    private const int ImageCount = 100_000;
    private const int ClassCount = 10;
    private const double LongestFrameMs = 50;
    private const double FirstPageSeconds = 5; // the goal is 1; docs/results.md has what was measured
    private const long MostTabBytes = 500_000_000;
    private const float OpenMs = 300_000;

    // Moves the grid by some pixels each frame and measures each frame. 0 pixels: the machine's own share.
    private const string Scroll = """
        async ([count, step]) => {
          const grid = document.querySelector('.grid');
          const frame = () => new Promise(requestAnimationFrame);
          const frames = [];
          let last = await frame();
          for (let i = 0; i < count; i++) {
            grid.scrollTop += step;
            const now = await frame();
            frames.push(now - last);
            last = now;
          }
          frames.sort((a, b) => a - b);
          const round = (ms) => Math.round(10 * ms) / 10;
          return [round(frames.at(-1)), round(frames[Math.floor(0.99 * count)]), round(frames[count >> 1])];
        }
        """;

    // True once each cell of the grid shows its picture.
    private const string IsFirstPageThere = """
        () => {
          const pictures = [...document.querySelectorAll('.cell img')];
          return pictures.length > 0 && pictures.every((one) => one.complete && one.naturalWidth > 0);
        }
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hundred_thousand_thumbnails_scroll_without_a_long_frame()
    {
        RequireHeavy();
        await using StudioClient client = await StudioClient.StartAsync();
        string folder = Path.Combine(client.Root, "many");
        await MakeAsync(client, folder, ImageCount, side: 96);
        await using Chromium chromium = await Chromium.LaunchAsync();
        IPage page = await OpenAsync(chromium, client);
        Stopwatch opening = Stopwatch.StartNew();
        await page.GetByLabel("Folder, list or archive").FillAsync(folder);
        await Button(page, "Open").ClickAsync();
        await Expect(page.GetByText("100,000 images, 10 classes")).ToBeVisibleAsync(new() { Timeout = OpenMs });
        double openSeconds = opening.Elapsed.TotalSeconds;

        double[] idle = await FramesAsync(page, 300, 0);
        double[] read = await FramesAsync(page, 300, 40);
        double[] flung = await FramesAsync(page, 300, 2000);
        int cells = await page.Locator(".cell").CountAsync();
        long bytes = await TabBytesAsync(chromium);

        output.WriteLine(
            $"opened in {openSeconds:F1} s; longest, 99 % and median frame in ms: idle {string.Join(' ', idle)}, "
                + $"scrolled {string.Join(' ', read)}, flung {string.Join(' ', flung)}; tab {bytes / 1e6:F0} MB"
        );
        Assert.InRange(cells, 1, 500);
        Assert.InRange(bytes, 1, MostTabBytes);
        if (idle[0] > LongestFrameMs)
        {
            Assert.Skip($"the machine is busy: a frame took {idle[0]} ms where nothing happened");
        }

        Assert.InRange(read[0], 0, LongestFrameMs);
        Assert.InRange(flung[0], 0, LongestFrameMs);
    }

    [Fact]
    public async Task The_first_page_of_ten_thousand_pictures_is_there_within_seconds()
    {
        RequireHeavy();
        await using StudioClient client = await StudioClient.StartAsync();
        string folder = Path.Combine(client.Root, "many");
        await MakeAsync(client, folder, count: 10_000, side: 320);
        await using Chromium chromium = await Chromium.LaunchAsync();
        IPage page = await OpenAsync(chromium, client);
        await page.GetByLabel("Folder, list or archive").FillAsync(folder);

        Stopwatch opening = Stopwatch.StartNew();
        await Button(page, "Open").ClickAsync();
        await Expect(page.GetByText("10,000 images, 10 classes")).ToBeVisibleAsync(new() { Timeout = OpenMs });
        double counted = opening.Elapsed.TotalSeconds;
        await page.WaitForFunctionAsync(IsFirstPageThere);
        double seconds = opening.Elapsed.TotalSeconds;

        int cells = await page.Locator(".cell").CountAsync();
        output.WriteLine($"counted in {counted:F2} s, the first {cells} pictures there in {seconds:F2} s");
        Assert.InRange(cells, 10, 500);
        Assert.InRange(seconds, 0, FirstPageSeconds);
    }

    private static void RequireHeavy() =>
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable("GRAFT_HEAVY") == "1",
            "writes 100,000 files; set GRAFT_HEAVY=1"
        );

    private static Task<double[]> FramesAsync(IPage page, int count, int step) =>
        page.EvaluateAsync<double[]>(Scroll, new[] { count, step });

    // One picture of each class; a comment in the JPEG makes each file's bytes its own.
    private static async Task MakeAsync(StudioClient client, string folder, int count, int side)
    {
        string id = (await client.GetAsync("/api/data/")).GetProperty("id").GetString()!;
        for (int name = 0; name < ClassCount; name++)
        {
            string address = $"/api/data/{id}/pictures/{3 * name}?side={side}";
            byte[] picture = await client.Http.GetByteArrayAsync(address, Cancel);
            string target = Directory.CreateDirectory(Path.Combine(folder, $"class-{name}")).FullName;
            for (int i = 0; i < count / ClassCount; i++)
            {
                string number = i.ToString("00000", CultureInfo.InvariantCulture);
                string path = Path.Combine(target, $"{number}.jpg");
                await File.WriteAllBytesAsync(path, WithComment(picture, number), Cancel);
            }
        }
    }

    private static byte[] WithComment(byte[] jpeg, string text)
    {
        byte[] length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)(text.Length + 2));
        return [.. jpeg[..2], 0xFF, 0xFE, .. length, .. Encoding.ASCII.GetBytes(text), .. jpeg[2..]];
    }

    // Of the largest renderer: that is the tab.
    private static async Task<long> TabBytesAsync(Chromium chromium)
    {
        ICDPSession session = await chromium.Browser.NewBrowserCDPSessionAsync();
        JsonElement answer = (await session.SendAsync("SystemInfo.getProcessInfo"))!.Value;
        return answer
            .GetProperty("processInfo")
            .EnumerateArray()
            .Where(one => one.GetProperty("type").GetString() == "renderer")
            .Max(one => Process.GetProcessById(one.GetProperty("id").GetInt32()).WorkingSet64);
    }
}
