using System.Runtime.CompilerServices;

namespace Graft.Tests;

/// <summary>Tests neither use nor fill the tester's cache: a run without other word keeps nothing.</summary>
internal static class CacheOfTests
{
    private static readonly TemporaryFolder s_folder = new();

    [ModuleInitializer]
    internal static void Set()
    {
        Environment.SetEnvironmentVariable("GRAFT_CACHE", Path.Combine(s_folder.Root, "cache"));
        AppDomain.CurrentDomain.ProcessExit += (_, _) => s_folder.Dispose();
    }
}
