using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Graft.Browser.Tests;

public sealed class ReportTests(ReportPages pages)
{
    public static TheoryData<string, ColorScheme, int> Screens { get; } =
        new MatrixTheoryData<string, ColorScheme, int>(
            ["tuned", "labels", "long", "doctor"],
            [ColorScheme.Light, ColorScheme.Dark],
            [1440, 390]
        );

    [Theory]
    [MemberData(nameof(Screens))]
    public async Task Axe_finds_nothing_and_nothing_overflows(string name, ColorScheme scheme, int width)
    {
        await using Chromium chromium = await Chromium.LaunchAsync();
        IPage page = await Open(chromium, name, scheme, width);

        AxeResult found = await page.RunAxe();
        Assert.Empty(found.Violations.Select(one => $"{one.Id}: {one.Nodes[0].Html} {one.Help}"));
        Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
    }

    [Theory]
    [InlineData(1600)]
    [InlineData(768)]
    [InlineData(320)]
    public async Task Nothing_overflows_at_other_widths(int width)
    {
        await using Chromium chromium = await Chromium.LaunchAsync();
        IPage page = await Open(chromium, "tuned", ColorScheme.Light, width);

        Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
    }

    [Fact]
    public async Task A_cell_of_the_confusion_matrix_opens_its_pictures_and_shares_replace_counts()
    {
        await using Chromium chromium = await Chromium.LaunchAsync();
        IPage page = await Open(chromium, "tuned", ColorScheme.Light, 1440);
        ILocator cell = page.Locator(".matrix td a").First;
        string gallery = (await cell.GetAttributeAsync("href"))!;

        Assert.False(await page.Locator(gallery).IsVisibleAsync());
        await cell.ClickAsync();
        Assert.True(await page.Locator(gallery).IsVisibleAsync());
        Assert.True(await page.Locator($"{gallery} img").First.IsVisibleAsync());
        Assert.False(await cell.Locator(".share").IsVisibleAsync());
        await page.GetByLabel("share of the true class").CheckAsync();
        Assert.True(await cell.Locator(".share").IsVisibleAsync());
        Assert.False(await cell.Locator(".count").IsVisibleAsync());
    }

    [Fact]
    public async Task The_page_asks_for_nothing_and_reports_no_error()
    {
        await using Chromium chromium = await Chromium.LaunchAsync();
        List<string> told = [];
        IPage page = await chromium.Browser.NewPageAsync();
        page.Console += (_, message) => told.Add(message.Text);
        page.Request += (_, request) => told.Add(request.Url);
        await page.GotoAsync(pages.Address("tuned"));

        Assert.Equal([pages.Address("tuned")], told.Where(one => !one.StartsWith("data:", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_printed_page_is_light_and_shows_what_disclosures_hide()
    {
        await using Chromium chromium = await Chromium.LaunchAsync();
        IPage page = await Open(chromium, "tuned", ColorScheme.Dark, 1440);

        await page.EmulateMediaAsync(new() { Media = Media.Print, ColorScheme = ColorScheme.Dark });
        Assert.Equal(
            "rgb(255, 255, 255)",
            await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor")
        );
        Assert.False(await page.Locator("nav").IsVisibleAsync());
        Assert.True(await page.Locator("details table").First.IsVisibleAsync());
        byte[] pdf = await page.PdfAsync(new() { Format = "A4" });
        Assert.Equal("%PDF"u8.ToArray(), pdf[..4]);
    }

    private async Task<IPage> Open(Chromium chromium, string name, ColorScheme scheme, int width)
    {
        IBrowserContext context = await chromium.Browser.NewContextAsync(
            new()
            {
                ColorScheme = scheme,
                ViewportSize = new() { Width = width, Height = 900 },
            }
        );
        IPage page = await context.NewPageAsync();
        await page.GotoAsync(pages.Address(name));
        return page;
    }
}
