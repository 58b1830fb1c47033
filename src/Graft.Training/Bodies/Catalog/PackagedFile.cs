namespace Graft.Training.Bodies;

/// <summary>A weight file that a package copies beside the program, into the folder weights.</summary>
/// <param name="Package">Id of the package.</param>
/// <param name="Name">Name of the file.</param>
internal sealed record PackagedFile(string Package, string Name)
{
    /// <summary>The folder beside the program into which the packages' targets copy their files.</summary>
    public static string Folder { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "weights");

    /// <summary>Path of the file, which is there only where the program references the package.</summary>
    public string Path => System.IO.Path.Combine(Folder, Name);

    /// <summary>Whether the file lies beside the program.</summary>
    public bool IsHere => File.Exists(Path);
}
