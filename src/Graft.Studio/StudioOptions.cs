using Graft.Training;

namespace Graft.Studio;

/// <summary>Settings of <see cref="StudioServer"/>.</summary>
public sealed record StudioOptions
{
    private const long MostUploadBytes = 1L << 50;

    /// <summary>The images that are open at the start: a folder, a list or an archive. Null: none.</summary>
    public string? ImagesPath { get; init; }

    /// <summary>The folder with the runs. It is created with the first run.</summary>
    public string RunsFolder { get; init; } = "runs";

    /// <summary>Port on this machine, 0 to 65,535; 0: a free one.</summary>
    public int Port { get; init; }

    /// <summary>What every training begins with. The page changes the effort, the body and the budget.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>
    /// Most bytes of what is dropped on the page, an archive or all files of a folder together, 1 to 2^50. The default
    /// is 16 GiB. It is kept in the folder <c>studio</c> among the runs.
    /// </summary>
    public long UploadBytes { get; init; } = 16L << 30;

    /// <summary>The studio's own folder: pictures that were added, and what was dropped. Full path.</summary>
    internal string OwnFolder => Path.Combine(Path.GetFullPath(RunsFolder), "studio");

    /// <summary>The options, if all of them can be used.</summary>
    /// <exception cref="OptionsException">An option is out of range.</exception>
    internal StudioOptions Checked()
    {
        List<OptionProblem> problems = [];
        if (Port is < 0 or > ushort.MaxValue)
        {
            problems.Add(new(nameof(Port), $"{Port}", $"it must lie between 0 and {ushort.MaxValue}"));
        }

        if (UploadBytes is < 1 or > MostUploadBytes)
        {
            problems.Add(
                new(nameof(UploadBytes), $"{UploadBytes}", $"it must lie between 1 and {MostUploadBytes}")
            );
        }

        return problems.Count == 0 ? this : throw new OptionsException(problems);
    }
}
