using System.Globalization;
using Graft.Infrastructure;
using Graft.Training.Weights;

namespace Graft.Training.Run;

/// <summary>
/// A run's folder "checkpoints": the result of each finished step, and of the one that is going on the last two
/// moments. Gone when the run is complete.
/// Steps are counted in the order in which they are entered, which is the same however often a run was stopped.
/// </summary>
/// <param name="runKey">What the whole run is made from, hashed.</param>
/// <param name="interval">Between two moments within an epoch.</param>
internal sealed class CheckpointFolder(
    string runFolder,
    string runKey,
    TimeSpan interval,
    TimeProvider time,
    IProgress<TrainingEvent> progress
)
{
    /// <summary>Called after each checkpoint.</summary>
    public Action? Written { get; init; }

    private int _steps;
    private string _prefix = "";

    public static string PathIn(string runFolder) => Path.Combine(runFolder, "checkpoints");

    /// <summary>Enters the next step.</summary>
    /// <param name="name">"probe", "fine-tune" …</param>
    /// <param name="key">What the step is made from, hashed.</param>
    public StepCheckpoints Enter(string name, string key)
    {
        string stem = NextStem(name);
        return new(this, Path.Combine(PathIn(runFolder), stem), $"{runKey} {stem} {key}");
    }

    /// <summary>
    /// Enters a step that has steps of its own, which are counted apart: however many they are, those after them keep
    /// their numbers.
    /// </summary>
    public CheckpointFolder Within(string name) =>
        new(runFolder, runKey, interval, time, progress) { Written = Written, _prefix = NextStem(name) + "-" };

    private string NextStem(string name) =>
        string.Create(CultureInfo.InvariantCulture, $"{_prefix}{++_steps:00}-{name.Replace(' ', '-')}");

    /// <summary>The moments and the result of one step.</summary>
    internal sealed class StepCheckpoints(CheckpointFolder folder, string stem, string key)
    {
        private const string Ending = ".safetensors";
        private const int Kept = 2;
        private long _last = folder.Time.GetTimestamp();
        private int _number;

        /// <summary>True where the last moment was kept long enough ago.</summary>
        public bool IsDue => folder.Time.GetElapsedTime(_last) >= folder.Interval;

        /// <summary>
        /// The step's result; null where it is not finished, or its file cannot be used, which is said.
        /// </summary>
        public T? Result<T>(Func<Checkpoint, T> read)
            where T : class => File.Exists(stem + Ending) ? Read(stem + Ending, read, "it is computed again") : null;

        /// <summary>The newest moment that can be used; those that cannot are named.</summary>
        public T? Newest<T>(Func<Checkpoint, T> read)
            where T : class
        {
            List<(int Number, string Path)> moments = Moments();
            _number = moments.Count == 0 ? 0 : moments[^1].Number;
            for (int i = moments.Count - 1; i >= 0; i--)
            {
                if (Read(moments[i].Path, read, i > 0 ? "the one before is used" : "the step begins again") is T found)
                {
                    return found;
                }
            }

            return null;
        }

        /// <summary>Keeps a moment, and deletes all but the last two.</summary>
        public void Keep<T>(T state, IEnumerable<WeightTensor> tensors)
        {
            _number++;
            Write(string.Create(CultureInfo.InvariantCulture, $"{stem}.{_number:000000}{Ending}"), state, tensors);
            Delete(Moments().SkipLast(Kept));
            _last = folder.Time.GetTimestamp();
        }

        /// <summary>Keeps the result; the moments are then of no use.</summary>
        public void Finish<T>(T state, IEnumerable<WeightTensor> tensors)
        {
            Write(stem + Ending, state, tensors);
            Delete(Moments());
        }

        private void Write<T>(string path, T state, IEnumerable<WeightTensor> tensors)
        {
            RunStorage.Guard(folder.RunFolder, () =>
            {
                if (!Directory.Exists(folder.RunFolder))
                {
                    // not made anew: it would hold a run without options
                    throw new DirectoryNotFoundException(folder.RunFolder);
                }

                Directory.CreateDirectory(PathIn(folder.RunFolder));
                Checkpoint.Of(key, state, tensors).Write(path);
            });
            FaultPoint.Hit("checkpoint-written");
            folder.Written?.Invoke();
        }

        private void Delete(IEnumerable<(int Number, string Path)> moments) => RunStorage.Guard(folder.RunFolder, () =>
            {
                foreach ((_, string path) in moments)
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

        // By rising number.
        private List<(int Number, string Path)> Moments()
        {
            string parent = Path.GetDirectoryName(stem)!;
            string prefix = Path.GetFileName(stem) + ".";
            List<(int, string)> moments = [];
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
                    moments.Add((number, path));
                }
            }

            moments.Sort();
            return moments;
        }
    }

    private string RunFolder => runFolder;

    private TimeSpan Interval => interval;

    private TimeProvider Time => time;

    private IProgress<TrainingEvent> Progress => progress;
}
