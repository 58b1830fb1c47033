using System.Runtime.CompilerServices;

namespace Graft.Tests;

/// <summary>Finds the project's shared data beside the checkout, or skips the test that asks for it.</summary>
internal static class SharedData
{
    /// <summary>The checkout's root folder: where Graft.slnx lies.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", ".."));

    /// <summary>
    /// The full path of a file or folder under ../shared; the calling test is skipped where it is not there.
    /// </summary>
    public static string Find(string relative)
    {
        string path = Path.Combine(Root, "..", "shared", relative);
        if (!Path.Exists(path))
        {
            Assert.Skip("no shared data");
        }

        return Path.GetFullPath(path);
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
