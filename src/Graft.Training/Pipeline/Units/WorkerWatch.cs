using System.Globalization;
using Graft.Training.Run;

namespace Graft.Training.Pipeline;

/// <summary>
/// Cancels the work of a process that another one has started: when that one asks for it by a file, or has ended.
/// </summary>
internal sealed class WorkerWatch : IDisposable
{
    /// <summary>Environment variable that names the process that has started this one.</summary>
    public const string Variable = "GRAFT_PARENT";

    private const string StopName = "stop";
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(0.5);

    private readonly CancellationTokenSource _source;
    private readonly Timer? _timer;

    /// <param name="folder">The folder of the plan.</param>
    /// <param name="cancel">Cancels too.</param>
    public WorkerWatch(string folder, CancellationToken cancel)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        if (Environment.GetEnvironmentVariable(Variable)?.Split(' ', 2) is [var process, var start]
            && int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out int parent))
        {
            _timer = new(_ => Look(folder, parent, start), null, s_pause, s_pause);
        }
    }

    /// <summary>Is cancelled when the work is to end.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>The value of the variable for a process that this one starts.</summary>
    public static string Self =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Environment.ProcessId} {ProcessStart.Of(Environment.ProcessId)}"
        );

    /// <summary>Asks all processes that work in a folder to end.</summary>
    public static void Stop(string folder) => File.WriteAllText(StopPath(folder), "");

    /// <summary>Takes that back.</summary>
    public static void Allow(string folder) => File.Delete(StopPath(folder));

    public void Dispose()
    {
        _timer?.Dispose();
        _source.Dispose();
    }

    private static string StopPath(string folder) => Path.Combine(folder, StopName);

    private void Look(string folder, int parent, string start)
    {
        if (ProcessStart.Of(parent) != start || File.Exists(StopPath(folder)))
        {
            try
            {
                _source.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // the work has ended at this moment
            }
        }
    }
}
