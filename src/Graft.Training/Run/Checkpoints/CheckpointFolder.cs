using System.Globalization;
using Graft.Infrastructure;
using Graft.Training.Weights;

namespace Graft.Training.Run;

/// <summary>
/// The folder "checkpoints" of a run: the result of each finished step, and the last two snapshots of the current step.
/// It is deleted when the run is complete. Steps are numbered in the order in which they are entered, which does not
/// depend on how often the run was stopped.
/// </summary>
/// <param name="runKey">Hash of everything the run depends on.</param>
/// <param name="interval">Time between two snapshots within an epoch.</param>
internal sealed class CheckpointFolder(
    string runFolder,
    string runKey,
    TimeSpan interval,
    TimeProvider time,
    IProgress<TrainingEvent> progress
)
{
    private const string RenamedEnding = ".old";

    /// <summary>Called after each checkpoint.</summary>
    public Action? Written { get; init; }

    private int _steps;
    private string _prefix = "";

    public static string PathIn(string runFolder) => Path.Combine(runFolder, "checkpoints");

    /// <summary>
    /// Deletes the checkpoints of a complete run. They are renamed first: if the process is killed in between, no
    /// incomplete set is left, from which the run would train again.
    /// </summary>
    public static void Delete(string runFolder)
    {
        string path = PathIn(runFolder);
        if (Directory.Exists(path))
        {
            DeleteRenamed(runFolder);
            Directory.Move(path, path + RenamedEnding);
            FaultPoint.Hit("checkpoints-renamed");
            DeleteRenamed(runFolder);
        }
    }

    /// <summary>Deletes checkpoints of a complete run that a killed process has left.</summary>
    public static void DeleteRenamed(string runFolder)
    {
        string path = PathIn(runFolder) + RenamedEnding;
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    /// <summary>Enters the next step.</summary>
    /// <param name="name">Name of the step: "probe", "fine-tune" and so on.</param>
    /// <param name="key">Hash of everything the step depends on besides the run.</param>
    public StepCheckpoints Enter(string name, string key)
    {
        string stem = NextStem(name);
        return new(this, Path.Combine(PathIn(runFolder), stem), $"{runKey} {stem} {key}");
    }

    /// <summary>
    /// Enters a step that has steps of its own. They are numbered separately, so their count does not change the
    /// numbers of later steps.
    /// </summary>
    public CheckpointFolder Within(string name) =>
        new(runFolder, runKey, interval, time, progress) { Written = Written, _prefix = NextStem(name) + "-" };

    private string NextStem(string name) =>
        string.Create(CultureInfo.InvariantCulture, $"{_prefix}{++_steps:00}-{name.Replace(' ', '-')}");

    /// <summary>The snapshots and the result of one step.</summary>
    internal sealed class StepCheckpoints(CheckpointFolder folder, string stem, string key)
    {
        private const string Ending = ".safetensors";
        private const int Kept = 2;
        private long _last = folder.Time.GetTimestamp();
        private int _number;

        /// <summary>True if the last snapshot is older than the interval.</summary>
        public bool IsDue => folder.Time.GetElapsedTime(_last) >= folder.Interval;

        /// <summary>
        /// The result of the step; null where the step is not finished or its file cannot be used. A notice says so.
        /// </summary>
        public T? Result<T>(Func<Checkpoint, T> read)
            where T : class => File.Exists(stem + Ending) ? Read(stem + Ending, read, "it is computed again") : null;

        /// <summary>The newest snapshot that can be used; null where there is none. Notices name the others.</summary>
        public T? Newest<T>(Func<Checkpoint, T> read)
            where T : class
        {
            List<(int Number, string Path)> snapshots = Snapshots();
            _number = snapshots.Count == 0 ? 0 : snapshots[^1].Number;
            for (int i = snapshots.Count - 1; i >= 0; i--)
            {
                if (
                    Read(snapshots[i].Path, read, i > 0 ? "the one before is used" : "the step begins again") is T found
                )
                {
                    return found;
                }
            }

            return null;
        }

        /// <summary>Writes a snapshot and deletes all but the last two.</summary>
        public void Save<T>(T state, IEnumerable<WeightTensor> tensors)
        {
            _number++;
            Write(string.Create(CultureInfo.InvariantCulture, $"{stem}.{_number:000000}{Ending}"), state, tensors);
            Delete(Snapshots().SkipLast(Kept));
            _last = folder.Time.GetTimestamp();
        }

        /// <summary>Writes the result and deletes the snapshots.</summary>
        public void Finish<T>(T state, IEnumerable<WeightTensor> tensors)
        {
            Write(stem + Ending, state, tensors);
            Delete(Snapshots());
        }

        private void Write<T>(string path, T state, IEnumerable<WeightTensor> tensors)
        {
            RunStorage.Guard(folder.RunFolder, () =>
            {
                if (!Directory.Exists(folder.RunFolder))
                {
                    // not created again: it would hold a run without options
                    throw new DirectoryNotFoundException(folder.RunFolder);
                }

                Directory.CreateDirectory(PathIn(folder.RunFolder));
                Checkpoint.Of(key, state, tensors).Write(path);
            });
            FaultPoint.Hit("checkpoint-written");
            folder.Written?.Invoke();
        }

        private void Delete(IEnumerable<(int Number, string Path)> snapshots) =>
            RunStorage.Guard(folder.RunFolder, () =>
            {
                foreach ((_, string path) in snapshots)
                {
                    File.Delete(path);
                    FaultPoint.Hit("checkpoint-deleted");
                }
            });

        private T? Read<T>(string path, Func<Checkpoint, T> read, string instead)
            where T : class
        {
            try
            {
                return read(Checkpoint.Read(path, key));
            }
            catch (CheckpointException error)
            {
                string reason = Printable.Text(error.Message);
                folder.Progress.Report(
                    new Notice(
                        $"The checkpoint '{Printable.Text(Path.GetFileName(path))}' is refused: {reason}; {instead}.",
                        IsWarning: true
                    )
                );
                return null;
            }
        }

        // In ascending order of their numbers.
        private List<(int Number, string Path)> Snapshots()
        {
            string parent = Path.GetDirectoryName(stem)!;
            string prefix = Path.GetFileName(stem) + ".";
            List<(int, string)> snapshots = [];
            foreach (
                string path in Directory.Exists(parent) ? Directory.EnumerateFiles(parent, prefix + "*" + Ending) : []
            )
            {
                ReadOnlySpan<char> name = Path.GetFileName(path.AsSpan());
                bool isLong = name.Length > prefix.Length + Ending.Length;
                if (
                    isLong
                    && int.TryParse(
                        name[prefix.Length..^Ending.Length],
                        NumberStyles.None,
                        CultureInfo.InvariantCulture,
                        out int number
                    )
                )
                {
                    snapshots.Add((number, path));
                }
            }

            snapshots.Sort();
            return snapshots;
        }
    }

    private string RunFolder => runFolder;

    private TimeSpan Interval => interval;

    private TimeProvider Time => time;

    private IProgress<TrainingEvent> Progress => progress;
}
