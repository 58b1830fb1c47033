using System.Diagnostics;
using System.Text.Json;
using Graft.Training.Run;

namespace Graft.Training.Tests.Run;

public sealed class RunLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Path => RunLock.PathIn(_folder.Root);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_second_run_in_a_folder_is_refused_and_names_the_process_that_has_it()
    {
        using RunLock held = RunLock.Take(_folder.Root);

        GraftException error = Assert.Throws<GraftException>(() => RunLock.Take(_folder.Root));

        Assert.Contains($"process {Environment.ProcessId} works in it", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_released_lock_leaves_nothing_behind()
    {
        RunLock.Take(_folder.Root).Dispose();

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Root));
    }

    [Fact]
    public void The_lock_of_a_process_that_has_ended_is_taken_over()
    {
        using Process ended = Process.Start(
            new ProcessStartInfo("dotnet", "--version") { RedirectStandardOutput = true }
        )!;
        ended.WaitForExit();
        Write(new(ended.Id, "1234", Environment.MachineName));

        using RunLock held = RunLock.Take(_folder.Root);

        Assert.Equal(Environment.ProcessId, Read().Process);
    }

    [Fact]
    public void The_lock_of_an_earlier_process_with_the_id_of_a_living_one_is_taken_over()
    {
        Write(new(Environment.ProcessId, "an earlier start", Environment.MachineName));

        using RunLock held = RunLock.Take(_folder.Root);

        Assert.Equal(ProcessStart.Of(Environment.ProcessId), Read().Started);
    }

    [Fact]
    public void The_lock_of_another_machine_is_refused_with_the_way_out()
    {
        Write(new(1, "x", "elsewhere\u001b[31m"));

        GraftException error = Assert.Throws<GraftException>(() => RunLock.Take(_folder.Root));

        Assert.EndsWith(
            $"process 1 of the machine 'elsewhere\\u001b[31m' works in it; "
                + $"wait for it or, if it has ended, delete '{Path}'",
            error.Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"process\":")]
    [InlineData("{\"process\":1}")]
    [InlineData("null")]
    public void A_truncated_lock_belongs_to_no_process(string text)
    {
        File.WriteAllText(Path, text);

        using RunLock held = RunLock.Take(_folder.Root);

        Assert.Equal(Environment.ProcessId, Read().Process);
    }

    [Fact]
    public void One_of_many_processes_gets_the_folder()
    {
        int taken = 0;
        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 16 }, _ =>
        {
            try
            {
                RunLock.Take(_folder.Root); // kept until the test's folder is gone
                Interlocked.Increment(ref taken);
            }
            catch (GraftException)
            {
                // somebody else was first
            }
        });

        Assert.Equal(1, taken);
    }

    private void Write(LockOwner owner) => File.WriteAllText(Path, JsonSerializer.Serialize(owner, TrainingRun.Json));

    private LockOwner Read() => JsonSerializer.Deserialize<LockOwner>(File.ReadAllText(Path), TrainingRun.Json)!;
}
