namespace Graft.Cli.Tests;

/// <summary>
/// A folder of its own for what a user stores, so that tests neither see nor change the tester's bodies. Tests that
/// share it run one after the other.
/// </summary>
[CollectionDefinition(nameof(UserFolder))]
public sealed class UserFolder : ICollectionFixture<UserFolder>, IDisposable
{
    public UserFolder() => Environment.SetEnvironmentVariable("GRAFT_HOME", Path.Combine(Folder.Root, "home"));

    internal TemporaryFolder Folder { get; } = new();

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("GRAFT_HOME", null);
        Folder.Dispose();
    }
}
