using Microsoft.Playwright;

namespace Graft.Tests;

/// <summary>The machine's Chromium without a window. Nothing is downloaded: Playwright drives what is there.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private readonly IPlaywright _playwright;

    private Chromium(IPlaywright playwright, IBrowser browser) => (_playwright, Browser) = (playwright, browser);

    public IBrowser Browser { get; }

    /// <summary>Starts the browser; skips the test where there is none, or fails it where CI is set.</summary>
    /// <param name="more">More arguments of the program.</param>
    public static async Task<Chromium> LaunchAsync(params string[] more)
    {
        string path = RequiredTool.Find("chromium", "chromium-browser", "google-chrome");
        IPlaywright playwright = await Playwright.CreateAsync();
        try
        {
            // CI runs as root, which Chromium's sandbox refuses
            string[] arguments = [.. Environment.IsPrivilegedProcess ? (string[])["--no-sandbox"] : [], .. more];
            IBrowser browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = arguments });
            return new(playwright, browser);
        }
        catch
        {
            playwright.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        _playwright.Dispose();
    }
}
