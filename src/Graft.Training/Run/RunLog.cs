using System.Text;

namespace Graft.Training.Run;

/// <summary>
/// log.jsonl: one line per event, appended when it happens. Lines are complete: the rest of an interrupted write is cut
/// off.
/// </summary>
internal sealed class RunLog : IDisposable
{
    private readonly FileStream _file;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();

    private RunLog(FileStream file, TimeProvider time)
    {
        _file = file;
        _time = time;
    }

    public static RunLog Open(string folder, string name, TimeProvider time)
    {
        FileStream file = new(
            Path.Combine(folder, name),
            FileMode.OpenOrCreate,
            FileAccess.ReadWrite,
            FileShare.Read,
            bufferSize: 0
        );
        file.SetLength(EndOfLastLine(file));
        file.Seek(0, SeekOrigin.End);
        return new(file, time);
    }

    /// <param name="kind">Name of the event.</param>
    /// <param name="fields">Fields of the event, as a JSON object.</param>
    /// <exception cref="IOException">The disk refused the write. The log ends with the line before.</exception>
    public void Append(string kind, string fields)
    {
        lock (_gate)
        {
            long end = _file.Position;
            try
            {
                string time = $"{_time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ}";
                string line = $"{{\"time\":\"{time}\",\"event\":\"{kind}\",{fields[1..]}\n";
                _file.Write(Encoding.UTF8.GetBytes(line));
            }
            catch (IOException)
            {
                _file.SetLength(end);
                _file.Position = end;
                throw;
            }
        }
    }

    /// <summary>All lines up to now, from all sessions.</summary>
    public IReadOnlyList<string> Lines()
    {
        lock (_gate)
        {
            using FileStream file = new(_file.Name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using StreamReader reader = new(file, Encoding.UTF8);
            return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
    }

    public void Dispose() => _file.Dispose();

    private static long EndOfLastLine(FileStream file)
    {
        byte[] block = new byte[4096];
        for (long end = file.Length; end > 0; end -= Math.Min(end, block.Length))
        {
            int count = (int)Math.Min(end, block.Length);
            file.Position = end - count;
            file.ReadExactly(block, 0, count);
            int last = Array.LastIndexOf(block, (byte)'\n', count - 1, count);
            if (last >= 0)
            {
                return end - count + last + 1;
            }
        }

        return 0;
    }
}
