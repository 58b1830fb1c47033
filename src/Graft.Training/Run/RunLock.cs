using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Graft.Infrastructure;

namespace Graft.Training.Run;

/// <summary>
/// One run a folder: a file "lock" with the process that works in it. A lock whose process is gone is taken over; what
/// is held is the text, the file itself is
/// open (and locked by the system) only while it is looked at, so that anybody can read whose it is.
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

    /// <exception cref="GraftException">Another process works in the folder; names it.</exception>
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

    /// <summary>Gives the folder free, unless somebody else has it by now.</summary>
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

    // Two that look at the same moment: the second waits some milliseconds.
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

    // A torn or foreign text is nobody's: the process that was killed while writing it is gone.
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

/// <param name="Started">From <see cref="ProcessStart"/>.</param>
internal sealed record LockOwner(int Process, string Started, string Machine)
{
    /// <summary>
    /// True where the process ran on this machine and does not any more. Of another machine's nothing is known.
    /// </summary>
    [JsonIgnore]
    public bool IsGone => Machine == Environment.MachineName && ProcessStart.Of(Process) != Started;

    public string Describe(string path) =>
        Machine == Environment.MachineName
            ? $"process {Process} works in it; wait for it, or choose another folder with --out"
            : $"process {Process} of the machine '{Printable.Text(Machine)}' works in it; wait for it or, if it has ended, delete '{Printable.Text(path)}'";
}
