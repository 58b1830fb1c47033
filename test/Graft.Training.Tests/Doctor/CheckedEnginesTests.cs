using Graft.Training.Doctor;
using Graft.Training.Run;

namespace Graft.Training.Tests.Doctor;

public sealed class CheckedEnginesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private int _checks;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_engine_that_passed_is_not_checked_again_on_the_same_machine_with_the_same_libraries()
    {
        CheckedEngines.Require(Cache, "one", Check);
        CheckedEngines.Require(Cache, "one", Check);
        Assert.Equal(1, _checks);

        CheckedEngines.Require(Cache, "two", Check);
        CheckedEngines.Require(Cache, "one", Check);
        Assert.Equal(2, _checks);
    }

    [Fact]
    public void An_engine_that_failed_is_checked_again()
    {
        Assert.Throws<GraftException>(() =>
            CheckedEngines.Require(Cache, "one", () => throw new GraftException("wrong"))
        );
        CheckedEngines.Require(Cache, "one", Check);

        Assert.Equal(1, _checks);
    }

    [Fact]
    public void Without_a_cache_nothing_is_remembered()
    {
        CheckedEngines.Require(Cache with { IsOn = false }, "one", Check);
        CheckedEngines.Require(Cache with { IsOn = false }, "one", Check);
        // a folder that cannot be created
        CheckedEngines.Require(Cache with { Folder = _folder.Write("file", "x") }, "one", Check);

        Assert.Equal(3, _checks);
        Assert.False(File.Exists(Path.Combine(_folder.Root, CheckedEngines.FileName)));
    }

    [Fact]
    public void A_file_with_other_content_is_ignored_and_stays_small()
    {
        string path = _folder.Write(CheckedEngines.FileName, new byte[1 << 20]);
        for (int i = 0; i < 100; i++)
        {
            CheckedEngines.Require(Cache, $"{i}", Check);
        }

        Assert.Equal(100, _checks);
        Assert.InRange(File.ReadAllLines(path).Length, 1, 32);
    }

    [Fact]
    public void The_fingerprint_changes_only_with_settings_that_select_kernels()
    {
        string before = MachineFingerprint.Compute();
        Assert.Equal(before, MachineFingerprint.Compute());
        Environment.SetEnvironmentVariable("DNNL_MAX_CPU_ISA", "SSE41");
        try
        {
            Assert.NotEqual(before, MachineFingerprint.Compute());
        }
        finally
        {
            Environment.SetEnvironmentVariable("DNNL_MAX_CPU_ISA", null);
        }
    }

    private CacheOptions Cache => new() { Folder = _folder.Root };

    private void Check() => _checks++;
}
