using Microsoft.Playwright;
using static Graft.Studio.Tests.StudioPage;
using static Microsoft.Playwright.Assertions;

namespace Graft.Studio.Tests;

/// <summary>The page in Chromium, as a person uses it.</summary>
public sealed class BrowserTests
{
    private const float TrainingMs = 120_000;

    private static readonly string s_gear = Path.Combine(SharedData.Root, "samples", "parts", "gear", "gear-30.jpg");

    [Fact]
    public async Task From_an_empty_start_to_a_classified_picture()
    {
        await using StudioClient client = await StudioClient.StartAsync(isOpen: false);
        await using Chromium chromium = await Chromium.LaunchAsync();
        IPage page = await OpenAsync(chromium, client);

        await page.GetByLabel("Folder, list or archive").FillAsync(client.Images);
        await page.GetByRole(AriaRole.Button, new() { Name = "Open", Exact = true }).ClickAsync();
        await Expect(page.GetByText("30 images, 3 classes")).ToBeVisibleAsync();
        await GoAsync(page, "Train");
        await page.GetByLabel("Quick").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Train", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Report" }))
            .ToBeVisibleAsync(new() { Timeout = TrainingMs });
        await GoAsync(page, "Use");
        await page.GetByLabel("Choose a file").SetInputFilesAsync(s_gear);

        await Expect(page.GetByLabel("Answer").GetByText("gear").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Where?" }).First.ClickAsync();
        await Expect(page.GetByAltText("Where the model looked")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_new_class_is_given_by_keyboard_alone()
    {
        await using StudioClient client = await StudioClient.StartAsync();
        await using Chromium chromium = await Chromium.LaunchAsync();
        IPage page = await OpenAsync(chromium, client);
        ILocator grid = page.GetByRole(AriaRole.Listbox);

        await grid.FocusAsync();
        await page.Keyboard.PressAsync("Home");
        await page.Keyboard.PressAsync("Shift+ArrowRight");
        await page.Keyboard.PressAsync("Shift+ArrowRight");
        await Expect(page.GetByLabel("Class of 3 selected images")).ToBeEnabledAsync();
        while (await page.EvaluateAsync<string?>("document.activeElement?.getAttribute('list')") != "classes")
        {
            await page.Keyboard.PressAsync("Shift+Tab");
        }

        await page.Keyboard.TypeAsync("screw");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "screw 3" })).ToBeVisibleAsync();

        await grid.FocusAsync();
        await page.Keyboard.PressAsync("Control+z");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "screw 3" })).ToBeHiddenAsync();
        await page.Keyboard.PressAsync("3"); // the third class
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "3 nut 13" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_reload_and_a_second_tab_show_the_same_run()
    {
        await using StudioClient client = await StudioClient.StartAsync();
        await using Chromium chromium = await Chromium.LaunchAsync();
        IPage page = await OpenAsync(chromium, client);
        await GoAsync(page, "Train");
        await page.GetByLabel("Quick").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Train", Exact = true }).ClickAsync();
        ILocator lines = page.Locator(".log li");
        await Expect(lines.First).ToBeVisibleAsync(new() { Timeout = TrainingMs });

        await page.ReloadAsync();
        IPage second = await page.Context.NewPageAsync();
        await second.GotoAsync(new Uri(client.Studio.Address, "/#train").ToString());

        foreach (IPage one in (IPage[])[page, second])
        {
            await Expect(one.GetByRole(AriaRole.Link, new() { Name = "Report" }))
                .ToBeVisibleAsync(new() { Timeout = TrainingMs });
        }

        IReadOnlyList<string> texts = await lines.AllInnerTextsAsync();
        Assert.Equal(texts, await second.Locator(".log li").AllInnerTextsAsync());
        Assert.Equal(texts.Count, texts.Distinct().Count());
    }

    [Fact]
    public async Task A_broken_picture_is_refused_with_its_reason()
    {
        await using StudioClient client = await StudioClient.StartAsync();
        string run = await client.TrainAsync();
        await client.FollowAsync(run, "complete");
        await using Chromium chromium = await Chromium.LaunchAsync();
        IPage page = await OpenAsync(chromium, client);
        await GoAsync(page, "Use");

        await page.GetByLabel("Choose a file")
            .SetInputFilesAsync(
                new FilePayload
                {
                    Name = "a.jpg",
                    MimeType = "image/jpeg",
                    Buffer = [1, 2, 3],
                }
            );

        await Expect(page.GetByText("The picture cannot be used")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Every_page_is_accessible_in_both_themes_and_fits_a_phone()
    {
        await using StudioClient client = await StudioClient.StartAsync();
        string run = await client.TrainAsync();
        await client.FollowAsync(run, "complete");
        await using Chromium chromium = await Chromium.LaunchAsync();
        foreach (ColorScheme theme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            foreach (int width in (int[])[1440, 390])
            {
                IPage page = await OpenAsync(chromium, client, theme, width);
                foreach (string name in (string[])["Data", "Train", "Understand", "Use"])
                {
                    await GoAsync(page, name);
                    await page.WaitForLoadStateAsync(LoadState.DOMContentLoaded);
                    await Expect(page.Locator("main")).Not.ToContainTextAsync("answers its test images");
                    await CheckAsync(page, $"{name}-{theme}-{width}".ToLowerInvariant());
                }

                await page.Context.DisposeAsync();
            }
        }
    }
}
