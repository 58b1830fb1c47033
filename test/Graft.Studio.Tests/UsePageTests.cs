using Microsoft.Playwright;
using static Graft.Studio.Tests.StudioPage;
using static Microsoft.Playwright.Assertions;

namespace Graft.Studio.Tests;

/// <summary>The page Use in Chromium, and what follows from it.</summary>
public sealed class UsePageTests
{
    [Fact]
    public async Task A_wrong_answer_adds_the_picture_by_keyboard_alone()
    {
        await using StudioClient client = await StudioClient.StartAsync();
        string run = await client.TrainAsync();
        await client.FollowAsync(run, "complete");
        await using Chromium chromium = await Chromium.LaunchAsync();
        IPage page = await OpenAsync(chromium, client);
        await GoAsync(page, "Use");
        await page.GetByLabel("Choose a file").SetInputFilesAsync(StudioClient.OtherPicture("gear", 30));
        ILocator label = page.GetByLabel("Wrong? It is");

        await label.FocusAsync();
        await page.Keyboard.TypeAsync("cog");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByText("Added as cog.")).ToBeVisibleAsync();
        await CheckEverywhereAsync(page, "use-added");
        await page.GetByRole(AriaRole.Link, new() { Name = "Look at it" }).PressAsync("Enter");

        await Expect(page.GetByText("31 images, 4 classes")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "cog 1" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Option)).ToHaveCountAsync(1);
        Assert.Equal(30, Directory.GetFiles(client.Images, "*", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task The_camera_takes_a_picture_that_is_classified()
    {
        await using StudioClient client = await StudioClient.StartAsync();
        string run = await client.TrainAsync();
        await client.FollowAsync(run, "complete");
        await using Chromium chromium = await Chromium.LaunchAsync(
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream"
        );
        IPage page = await OpenAsync(chromium, client);
        await GoAsync(page, "Use");

        await Button(page, "Camera").ClickAsync();
        ILocator video = page.GetByLabel("Camera", new() { Exact = true }).And(page.Locator("video"));
        await Expect(video).ToHaveJSPropertyAsync("videoWidth", 1280);
        await CheckEverywhereAsync(page, "use-camera");
        await Button(page, "Take the picture").ClickAsync();

        await Expect(page.GetByAltText("What is classified")).ToHaveJSPropertyAsync("naturalWidth", 1280);
        await Expect(page.GetByLabel("Answer").GetByRole(AriaRole.Meter)).ToHaveCountAsync(3);
        await Expect(video).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Unlabelled_pictures_are_labelled_by_accepting_proposals()
    {
        await using StudioClient client = await StudioClient.StartAsync();
        string run = await client.TrainAsync();
        await client.FollowAsync(run, "complete");
        string folder = client.UnlabelledFolder();
        await using Chromium chromium = await Chromium.LaunchAsync();
        IPage page = await OpenAsync(chromium, client);

        await page.GetByLabel("Folder, list or archive").FillAsync(folder);
        await Button(page, "Add unlabelled").ClickAsync();
        await Button(page, "Sort 6 unlabelled images by use").ClickAsync();
        await Expect(page.GetByText("6 unlabelled images, the most useful first")).ToBeVisibleAsync();
        await CheckEverywhereAsync(page, "data-proposals");
        ILocator grid = page.GetByRole(AriaRole.Listbox);
        await grid.FocusAsync();
        await page.Keyboard.PressAsync("Home");
        for (int left = 5; left >= 0; left--)
        {
            await page.Keyboard.PressAsync("Enter");
            ILocator rest = page.GetByRole(AriaRole.Button, new() { Name = $"Without a class {left}" });
            await (left > 0 ? Expect(rest).ToBeVisibleAsync() : Expect(rest).ToBeHiddenAsync());
        }

        await Expect(page.GetByText("36 images, 3 classes, 6 changes in memory")).ToBeVisibleAsync();
    }
}
