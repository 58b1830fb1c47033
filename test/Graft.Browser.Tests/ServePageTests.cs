using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Graft.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;

namespace Graft.Browser.Tests;

public sealed class ServePageTests(ReportPages pages)
{
    [Theory]
    [InlineData(ColorScheme.Light, 1440)]
    [InlineData(ColorScheme.Dark, 1440)]
    [InlineData(ColorScheme.Light, 390)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task A_chosen_class_shows_its_places_and_the_picture_comes_back(ColorScheme scheme, int width)
    {
        await using WebApplication server = await ServeAsync();
        await using Chromium chromium = await Chromium.LaunchAsync();
        IPage page = await chromium.Browser.NewPageAsync(
            new()
            {
                ColorScheme = scheme,
                ViewportSize = new() { Width = width, Height = 900 },
            }
        );
        List<string> errors = [];
        page.PageError += (_, error) => errors.Add(error);
        await page.GotoAsync(server.Urls.Single());

        await page.SetInputFilesAsync("#file", pages.PicturePath);
        await page.GetByRole(AriaRole.Button, new() { Name = "checks", Exact = true }).ClickAsync();
        await page.GetByText("What speaks for checks", new() { Exact = true }).WaitForAsync();

        ILocator overlay = page.GetByRole(AriaRole.Img, new() { Name = "What speaks for checks" });
        Assert.True(await overlay.EvaluateAsync<bool>("image => image.decode().then(() => image.naturalWidth > 0)"));
        AxeResult found = await page.RunAxe();
        Assert.Empty(found.Violations.Select(one => $"{one.Id}: {one.Nodes[0].Html} {one.Help}"));
        Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Show the picture" }).ClickAsync();
        Assert.True(await page.GetByRole(AriaRole.Img, new() { Name = "00.png" }).IsVisibleAsync());
        Assert.Empty(errors);
    }

    private async Task<WebApplication> ServeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddGraftPredictor(pages.ModelPath);
        WebApplication server = builder.Build();
        server.MapGraft();
        await server.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }
}
