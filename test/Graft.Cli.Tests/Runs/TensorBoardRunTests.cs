using System.Text;

namespace Graft.Cli.Tests.Runs;

/// <summary>The learning curves that `train --tensorboard` leaves in the run's folder.</summary>
public sealed class TensorBoardRunTests(ToyRun toy) : IClassFixture<ToyRun>
{
    [Fact]
    public async Task A_resumed_run_goes_on_with_its_curves_and_ends_with_the_same_bytes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no SIGKILL");
        string run = toy.Folder("board");
        string board = Path.Combine(run, "tensorboard");

        Outcome killed = await toy.Train(run, "epoch:3", "--tensorboard");
        string[] first = Directory.GetFiles(board);
        Outcome resumed = await toy.Resume(run);
        string[] all = [.. Directory.GetFiles(board).Order(StringComparer.Ordinal)];

        Assert.NotEqual(ExitCode.Done, killed.Code);
        Assert.Equal((ExitCode.Done, ""), (resumed.Code, resumed.Error));
        Assert.Equal([Assert.Single(first)], all[..^1]);
        string last = Encoding.Latin1.GetString(File.ReadAllBytes(all[^1]));
        Assert.Contains("fine-tune/training_loss", last, StringComparison.Ordinal);
        Assert.Contains("test/accuracy", last, StringComparison.Ordinal);
        Directory.Delete(board, recursive: true);
        await toy.AssertSame(run);
    }
}
