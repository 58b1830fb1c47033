using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Graft.Studio.Tests;

/// <summary>What tests do with the page in Chromium.</summary>
internal static class StudioPage
{
    private const float WaitMs = 60_000;
    private const int Height = 900;

    /// <summary>Opens the studio as its first address does.</summary>
    public static async Task<IPage> OpenAsync(
        Chromium chromium,
        StudioClient client,
        ColorScheme theme = ColorScheme.Light,
        int width = 1440
    )
    {
        TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        SetDefaultExpectTimeout(WaitMs);
        IBrowserContext context = await chromium.Browser.NewContextAsync(
            new()
            {
                ColorScheme = theme,
                ViewportSize = new() { Width = width, Height = Height },
            }
        );
        IPage page = await context.NewPageAsync();
        await page.GotoAsync(client.Studio.Address.ToString());
        return page;
    }

    /// <summary>Goes to a page by its link.</summary>
    public static Task GoAsync(IPage page, string name) =>
        page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link, new() { Name = name }).ClickAsync();

    /// <summary>A button by its whole name.</summary>
    public static ILocator Button(IPage page, string name) =>
        page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>Drops files or folders of the machine on the page, as a file manager does.</summary>
    public static async Task DropAsync(IPage page, params string[] paths)
    {
        ICDPSession session = await page.Context.NewCDPSessionAsync(page);
        foreach (string type in (string[])["dragEnter", "dragOver", "drop"])
        {
            Dictionary<string, object> arguments = new()
            {
                ["type"] = type,
                ["x"] = 300,
                ["y"] = 300,
                ["data"] = new
                {
                    items = Array.Empty<object>(),
                    files = paths,
                    dragOperationsMask = 1,
                },
            };
            await session.SendAsync("Input.dispatchDragEvent", arguments);
        }
    }

    /// <summary>Checks what is shown in both themes, on a wide screen and on a phone.</summary>
    public static async Task CheckEverywhereAsync(IPage page, string name)
    {
        foreach (ColorScheme theme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            await page.EmulateMediaAsync(new() { ColorScheme = theme });
            foreach (int width in (int[])[390, 1440])
            {
                await page.SetViewportSizeAsync(width, Height);
                await CheckAsync(page, $"{name}-{theme}-{width}".ToLowerInvariant());
            }
        }
    }

    /// <summary>
    /// Axe finds nothing, and nothing is too wide. GRAFT_SCREENSHOTS names a folder for who wants to look.
    /// </summary>
    public static async Task CheckAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("GRAFT_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png"), FullPage = true });
        }

        AxeResult result = await page.RunAxe();
        Assert.True(
            result.Violations.Length == 0,
            $"{name}: "
                + string.Join("; ", result.Violations.Select(one => $"{one.Id} at {one.Nodes[0].Html}: {one.Help}"))
        );
        int excess = await page.EvaluateAsync<int>(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        );
        Assert.True(excess <= 0, $"{name} is {excess} pixels too wide");
    }
}
