using Microsoft.Playwright;
using static Graft.Studio.Tests.StudioPage;
using static Microsoft.Playwright.Assertions;

namespace Graft.Studio.Tests;

/// <summary>The page Data in Chromium.</summary>
public sealed class DataPageTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_folder_and_an_archive_are_opened_by_dropping_them()
    {
        await using StudioClient client = await StudioClient.StartAsync(isOpen: false);
        string archive = Path.Combine(client.Root, "two.zip");
        Directory.Delete(Path.Combine(client.Images, "nut"), recursive: true);
        await File.WriteAllBytesAsync(archive, TestArchive.Of(client.Images), Cancel);
        await using Chromium chromium = await Chromium.LaunchAsync();
        IPage page = await OpenAsync(chromium, client);

        await DropAsync(page, client.Images);
        await Expect(page.GetByText("20 images, 2 classes")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "photos" })).ToBeVisibleAsync();
        await DropAsync(page, archive);

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "two.zip" })).ToBeVisibleAsync();
        await Expect(page.GetByText("20 images, 2 classes")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Option).First.Locator("img")).ToHaveJSPropertyAsync("complete", true);
        await CheckEverywhereAsync(page, "data-dropped");
    }

    [Fact]
    public async Task A_traversing_archive_and_a_bomb_are_refused_with_their_reason()
    {
        await using StudioClient client = await StudioClient.StartAsync();
        await using Chromium chromium = await Chromium.LaunchAsync();
        IPage page = await OpenAsync(chromium, client);
        ILocator field = page.GetByLabel("Choose an archive");

        await field.SetInputFilesAsync(FileOf("traversing.zip", TestArchive.Traversing()));
        await Expect(page.GetByText("leads out of the archive")).ToBeVisibleAsync();
        await Expect(page.Locator(".problem")).ToContainTextAsync("traversing.zip");
        await field.SetInputFilesAsync(FileOf("bomb.zip", TestArchive.Bomb()));

        await Expect(page.GetByText("as archive bombs do")).ToBeVisibleAsync();
        await Expect(page.GetByText("30 images, 3 classes")).ToBeVisibleAsync();
        await CheckEverywhereAsync(page, "data-refused");
    }

    [Fact]
    public async Task A_finding_is_a_filter_whose_suggestion_is_accepted_by_keyboard()
    {
        await using StudioClient client = await StudioClient.StartAsync(isOpen: false);
        File.Copy(StudioClient.OtherPicture("gear", 30), Path.Combine(client.Images, "nut", "wrong.jpg"));
        File.Copy(
            Directory.GetFiles(Path.Combine(client.Images, "bolt"))[0],
            Path.Combine(client.Images, "bolt", "copy.jpg")
        );
        await client.PostAsync("/api/data/open", new { path = client.Images });
        await using Chromium chromium = await Chromium.LaunchAsync();
        IPage page = await OpenAsync(chromium, client);

        await Button(page, "Examine the data").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Near duplicates" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Option)).ToHaveCountAsync(2);
        await CheckEverywhereAsync(page, "data-duplicates");
        await page.GetByRole(AriaRole.Button, new() { Name = "Likely wrong labels" }).ClickAsync();
        ILocator wrong = page.GetByRole(AriaRole.Option).Filter(new() { HasText = "nut · gear?" });
        await Expect(wrong).ToHaveCountAsync(1);
        await wrong.ClickAsync();
        await page.GetByRole(AriaRole.Listbox).FocusAsync();
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "2 gear 11" })).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Control+z");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "2 gear 10" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task More_like_this_and_the_map_select_pictures_by_pointer_and_by_keyboard()
    {
        await using StudioClient client = await StudioClient.StartAsync();
        await using Chromium chromium = await Chromium.LaunchAsync();
        IPage page = await OpenAsync(chromium, client);
        ILocator options = page.GetByRole(AriaRole.Option);

        await options.First.ClickAsync();
        await Button(page, "More like the selected image").ClickAsync();
        await Expect(options.First).ToContainTextAsync("1.00");
        await Button(page, "Show all images").ClickAsync();
        await Button(page, "Map of the images").ClickAsync();
        ILocator map = page.GetByRole(AriaRole.Application);
        await Expect(map).ToHaveAccessibleNameAsync(new System.Text.RegularExpressions.Regex("^Map of 30 images"));
        await map.ScrollIntoViewIfNeededAsync();
        LocatorBoundingBoxResult box = (await map.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + 1, box.Y + 1);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + box.Width - 2, box.Y + 1);
        await page.Mouse.MoveAsync(box.X + box.Width - 2, box.Y + box.Height - 2);
        await page.Mouse.MoveAsync(box.X + 1, box.Y + box.Height - 2);
        await page.Mouse.UpAsync();

        await Expect(page.GetByLabel("Class of 30 selected images")).ToBeVisibleAsync();
        await map.FocusAsync();
        for (int i = 0; i < 60; i++)
        {
            await page.Keyboard.PressAsync("+");
        }

        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByLabel("Class of 30 selected images")).ToBeVisibleAsync();
        for (int i = 0; i < 80; i++)
        {
            await page.Keyboard.PressAsync("-");
        }

        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByLabel("Class of 30 selected images")).ToBeHiddenAsync();
        await CheckEverywhereAsync(page, "data-map");
    }

    private static FilePayload FileOf(string name, byte[] bytes) =>
        new()
        {
            Name = name,
            MimeType = "application/zip",
            Buffer = bytes,
        };
}
