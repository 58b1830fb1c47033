using Graft.Prediction;
using Microsoft.Playwright;

namespace Graft.Runtimes.Tests;

[Collection(RuntimesGroup.Name)]
public sealed class BrowserPageTests(TrainedModel trained)
{
    private const float PatienceMilliseconds = 120_000;

    [Fact]
    public async Task The_page_gives_Grafts_answers_in_Chromium()
    {
        await using Chromium chromium = await Chromium.LaunchAsync();
        using TemporaryFolder folder = new();
        Programs.LinkPackages(folder.Root);
        folder.Write("index.html", PageSnippet.Of("browser", "html"));
        File.Copy(trained.Model, Path.Combine(folder.Root, "model.onnx"));
        File.Copy(Path.ChangeExtension(trained.Model, ".json"), Path.Combine(folder.Root, "model.json"));
        await using PageServer server = new(folder.Root);
        IPage page = await chromium.Browser.NewPageAsync();
        page.SetDefaultTimeout(PatienceMilliseconds);
        List<string> problems = [];
        page.PageError += (_, error) => problems.Add(error);
        page.RequestFailed += (_, request) => problems.Add(request.Url);
        HashSet<string> hosts = [];
        page.Request += (_, request) => hosts.Add(new Uri(request.Url).GetLeftPart(UriPartial.Authority) + "/");
        await page.GotoAsync(server.Address + "index.html", new() { WaitUntil = WaitUntilState.NetworkIdle });

        foreach ((string picture, ImagePrediction expected) in trained.Pictures.Zip(trained.Answers))
        {
            await page.EvaluateAsync("document.querySelector('#scores').replaceChildren()");
            await page.SetInputFilesAsync("#picture", picture);
            await page.WaitForSelectorAsync("#scores li");

            string label = await page.InnerTextAsync("#label");
            Assert.StartsWith(expected.Label, label, StringComparison.Ordinal);
            Assert.Equal(!expected.IsFamiliar, label.Contains("unlike", StringComparison.Ordinal));
            PrintedAnswers.AssertSame(expected, picture, await page.Locator("#scores li").AllInnerTextsAsync());
        }

        Assert.Empty(problems);
        Assert.All(hosts, host =>
            Assert.True(host == server.Address || host.StartsWith("blob:", StringComparison.Ordinal))
        );
    }
}
