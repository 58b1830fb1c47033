using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Graft.Infrastructure;

namespace Graft.Training.Run;

/// <summary>
/// One run per folder: the file "lock" names the process that works in it. A lock whose process has ended is taken
/// over. The text is the lock. The file is open, and locked by the system, only while it is read or written, so
/// everybody can read who holds it.
/// </summary>
internal sealed class RunLock : IDisposable
{
    private const int LongestText = 4096;
    private const int Tries = 40;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(25);
    private readonly string _path;
    private readonly LockOwner _owner;

    private RunLock(string path, LockOwner owner)
    {
        _path = path;
        _owner = owner;
    }

    public static string PathIn(string folder) => Path.Combine(folder, "lock");

    /// <exception cref="GraftException">Another process works in the folder. The message names it.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static RunLock Take(string folder)
    {
        string path = PathIn(folder);
        using FileStream file = OpenAlone(path);
        LockOwner? other = Read(file);
        if (other is not null && !other.IsGone)
        {
            throw new GraftException($"'{Printable.Text(folder)}' cannot take a run: {other.Describe(path)}");
        }

        LockOwner owner = new(
            Environment.ProcessId,
            ProcessStart.Of(Environment.ProcessId) ?? "",
            Environment.MachineName
        );
        file.SetLength(0);
        file.Write(JsonSerializer.SerializeToUtf8Bytes(owner, TrainingRun.Json));
        file.Flush(flushToDisk: true);
        return new(path, owner);
    }

    /// <summary>Releases the folder, unless another process has it by now.</summary>
    public void Dispose()
    {
        try
        {
            using (FileStream file = OpenAlone(_path, FileMode.Open))
            {
                if (Read(file) != _owner)
                {
                    return;
                }
            }

            File.Delete(_path);
        }
        catch (Exception error) when (RunStorage.IsRefusal(error))
        {
            // a lock that cannot be removed is stale as soon as this process ends
        }
    }

    // Two processes at the same time: the second waits some milliseconds.
    private static FileStream OpenAlone(string path, FileMode mode = FileMode.OpenOrCreate)
    {
        for (int i = 0; ; i++)
        {
            try
            {
                return new(path, mode, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException error)
                when (i < Tries
                    && error is not (FileNotFoundException or DirectoryNotFoundException)
                    && File.Exists(path)
                )
            {
                Thread.Sleep(s_pause);
            }
        }
    }

    // A damaged text has no owner: the process was killed while writing it.
    private static LockOwner? Read(FileStream file)
    {
        byte[] text = new byte[Math.Min(file.Length, LongestText)];
        file.Position = 0;
        file.ReadExactly(text);
        file.Position = 0;
        try
        {
            return
                JsonSerializer.Deserialize<LockOwner>(Encoding.UTF8.GetString(text), TrainingRun.Json)
                    is { Started: not null, Machine: not null } owner
                ? owner
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>The process that holds a lock.</summary>
/// <param name="Started">Start of the process, as <see cref="ProcessStart"/> gives it.</param>
internal sealed record LockOwner(int Process, string Started, string Machine)
{
    /// <summary>
    /// True if the process ran on this machine and has ended. Nothing is known of processes on other machines.
    /// </summary>
    [JsonIgnore]
    public bool IsGone => Machine == Environment.MachineName && ProcessStart.Of(Process) != Started;

    public string Describe(string path) =>
        Machine == Environment.MachineName
            ? $"process {Process} works in it; wait for it, or choose another folder"
            : $"process {Process} of the machine '{Printable.Text(Machine)}' works in it; "
                + $"wait for it or, if it has ended, delete '{Printable.Text(path)}'";
}
