using Graft.Training.Release;
using Graft.Training.Run;

namespace Graft.Training;

/// <summary>A folder with a run, finished or not.</summary>
public sealed class RunFolder
{
    /// <summary>Name of the page for people in the folder.</summary>
    public const string ReportName = TrainingRun.ReportName;

    private RunFolder(string path, RunRecord record) => (Path, Record) = (path, record);

    /// <summary>Path of the folder.</summary>
    public string Path { get; }

    /// <summary>What the run began with.</summary>
    public RunRecord Record { get; }

    /// <summary>True if nothing is left to do: the model is evaluated.</summary>
    public bool IsComplete => TrainingRun.IsComplete(Path);

    /// <summary>Whether a folder holds a run.</summary>
    public static bool Exists(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return RunOptions.Exist(path);
    }

    /// <summary>Opens the folder of a run.</summary>
    /// <param name="path">Path of the folder.</param>
    /// <exception cref="GraftException">The folder holds no run, or its options cannot be read.</exception>
    public static RunFolder Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new(path, RunRecord.Of(RunOptions.Read(path)));
    }

    /// <summary>The evaluation of a complete run.</summary>
    /// <exception cref="GraftException">The run is not complete, or its evaluation cannot be read.</exception>
    public RunEvaluation ReadEvaluation() => RunEvaluation.Read(System.IO.Path.Combine(Path, RunEvaluation.FileName));

    /// <summary>The name of the first image of a part in split.csv; null if it has none.</summary>
    /// <exception cref="GraftException">The run has no split yet, or it cannot be read.</exception>
    public string? FirstImage(ImagePart part) => SplitFile.FirstOf(System.IO.Path.Combine(Path, "split.csv"), part);

    /// <summary>The images of the run with their parts, as split.csv names them.</summary>
    /// <param name="progress">Receives the number of images read.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <exception cref="GraftException">The run has no split yet, or its images have changed or were objects of a
    /// program.</exception>
    public ImageSplit ReadSplit(IProgress<TrainingEvent>? progress = null, CancellationToken cancel = default) =>
        RunImages.Read(Path, Record.ImagesPath, Record.Options, progress, cancel);

    /// <summary>Deletes checkpoints that a kill left behind in a complete run.</summary>
    /// <exception cref="GraftException">The folder cannot be written.</exception>
    public void DeleteOldCheckpoints() => TrainingRun.DeleteOldCheckpoints(Path);
}
