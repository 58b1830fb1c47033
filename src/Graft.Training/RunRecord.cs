using Graft.Training.Run;

namespace Graft.Training;

/// <summary>What repeats a run: its images and its options.</summary>
/// <param name="ImagesPath">Full path of the folder, list or archive.</param>
/// <param name="Options">The run's options. Paths that were relative to another working folder are full paths, and
/// threads are those of the run.</param>
public sealed record RunRecord(string ImagesPath, TrainingOptions Options)
{
    /// <summary>Reads a run's options.json.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="GraftException">The file cannot be read.</exception>
    public static RunRecord Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Of(RunOptions.ReadFile(path));
    }

    internal static RunRecord Of(RunOptions options) => new(options.Images, options.Repeated);
}
