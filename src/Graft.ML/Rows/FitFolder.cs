namespace Graft.ML.Rows;

/// <summary>The folder of one fitting: its run, and the images that came as bytes. Deletes what is not kept.</summary>
internal sealed class FitFolder : IDisposable
{
    private readonly string _temporary = Directory.CreateTempSubdirectory("graft-ml-").FullName;

    /// <param name="runs">Folder in which the run is kept; null: it is deleted.</param>
    public FitFolder(string? runs)
    {
        IsKept = runs is not null;
        Run = runs is null ? Path.Combine(_temporary, "run") : Free(runs);
    }

    /// <summary>Whether the run stays.</summary>
    public bool IsKept { get; }

    /// <summary>Folder of the run, which does not exist yet.</summary>
    public string Run { get; }

    /// <summary>Folder for images that came as bytes; it exists.</summary>
    public string Images => Directory.CreateDirectory(Path.Combine(_temporary, "images")).FullName;

    public void Dispose() => Directory.Delete(_temporary, recursive: true);

    // Cross-validation fits several times: each run has a number.
    private static string Free(string runs) =>
        Enumerable
            .Range(1, int.MaxValue)
            .Select(number => Path.Combine(runs, $"fit-{number}"))
            .First(path => !Path.Exists(path));
}
