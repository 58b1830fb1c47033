using System.Runtime.CompilerServices;

namespace Graft.Cli.Tests;

/// <summary>Compares text with a file in Snapshots/; GRAFT_REWRITE_SNAPSHOTS=1 writes the files anew.</summary>
internal static class Snapshot
{
    public static void Match(string name, string text, [CallerFilePath] string caller = "")
    {
        string path = Path.Combine(Path.GetDirectoryName(caller)!, "Snapshots", name + ".txt");
        if (Environment.GetEnvironmentVariable("GRAFT_REWRITE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(path, text);
        }

        Assert.Equal(File.ReadAllText(path), text);
    }
}
