using Graft.Training;

namespace Graft.Cli.Tests;

public sealed class CommandHintTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_stopped_run_is_named_with_the_command_that_resumes_it()
    {
        _folder.Write("run/options.json", "{}");
        string run = Path.Combine(_folder.Root, "run");

        string described = CommandHint.Describe(new RunStoppedException(run, "it stopped", new IOException()));

        Assert.Equal($"it stopped (`graft resume {run}`)", described);
    }

    [Fact]
    public void A_run_that_is_gone_cannot_be_resumed()
    {
        string run = Path.Combine(_folder.Root, "run");

        string described = CommandHint.Describe(new RunStoppedException(run, "it was removed", new IOException()));

        Assert.Equal("it was removed", described);
    }

    [Fact]
    public void Other_errors_name_no_command()
    {
        Assert.Equal("'a' cannot be used: b", CommandHint.Describe(new GraftException("'a' cannot be used: b")));
    }
}
