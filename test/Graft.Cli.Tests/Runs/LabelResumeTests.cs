namespace Graft.Cli.Tests.Runs;

/// <summary>Runs of several labels an image that are killed, by SIGKILL, and go on; and the cache.</summary>
public sealed class LabelResumeTests(LabelRun toy) : IClassFixture<LabelRun>
{
    private const int Killed = 137; // 128 + SIGKILL

    [Theory]
    [InlineData("extract begins:1")]
    [InlineData("checkpoint-written:1")] // within the probe
    [InlineData("search begins:2")] // between the trials of the two losses
    [InlineData("batch:30")]
    [InlineData("fine-tune begins:2")] // the last training, on all images
    [InlineData("self-test-made:1")] // within an export
    [InlineData("evaluate begins:1")]
    public async Task A_killed_run_resumes_to_the_same_bytes(string fault)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no SIGKILL");
        string run = toy.Folder("killed at " + fault.Replace(':', ' '));

        Outcome killed = await toy.Train(run, fault);
        bool isComplete = File.Exists(Path.Combine(run, "evaluation.json"));
        Outcome resumed = await toy.Resume(run);

        Assert.Equal((Killed, false), (killed.Code, isComplete));
        Assert.Equal((ExitCode.Done, ""), (resumed.Code, resumed.Error));
        await toy.AssertSame(run);
    }

    [Fact]
    public async Task A_cache_that_is_full_empty_or_off_gives_the_same_bytes()
    {
        Outcome full = await toy.Train(toy.Folder("full"));
        Outcome empty = await toy.TrainWithOwnCache(toy.Folder("empty"), "another cache");
        Outcome off = await toy.Train(toy.Folder("off"), null, "--no-cache");

        Assert.All([full, empty, off], outcome => Assert.Equal((ExitCode.Done, ""), (outcome.Code, outcome.Error)));
        await toy.AssertSame(toy.Folder("full"));
        await toy.AssertSame(toy.Folder("empty"));
        await toy.AssertSame(toy.Folder("off"));
    }
}
