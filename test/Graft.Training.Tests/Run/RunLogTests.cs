using Graft.Training.Run;

namespace Graft.Training.Tests.Run;

public sealed class RunLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Log => Path.Combine(_folder.Root, "log.jsonl");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", 0)]
    [InlineData("{\"a\":1}\n", 1)]
    [InlineData("{\"a\":1}\n{\"b\":2}\n{\"c", 2)]
    [InlineData("{\"torn", 0)]
    public void Whole_lines_are_kept_and_a_truncated_line_is_cut_off(string before, int kept)
    {
        File.WriteAllText(Log, before);

        using (RunLog log = RunLog.Open(_folder.Root, "log.jsonl", TimeProvider.System))
        {
            log.Append("Notice", "{\"text\":\"x\"}");
        }

        string[] lines = File.ReadAllLines(Log);
        Assert.Equal(kept + 1, lines.Length);
        Assert.Matches("^\\{\"time\":\"[0-9T:.-]+Z\",\"event\":\"Notice\",\"text\":\"x\"\\}$", lines[^1]);
    }

    [Fact]
    public void A_truncated_line_longer_than_a_block_is_cut_off_at_its_start()
    {
        File.WriteAllText(Log, "first\n" + new string('x', 10_000));

        RunLog.Open(_folder.Root, "log.jsonl", TimeProvider.System).Dispose();

        Assert.Equal("first\n", File.ReadAllText(Log));
    }
}
