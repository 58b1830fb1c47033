using System.Text;

namespace Graft.Studio;

/// <summary>Reads the lines of a file that grows. A line counts when its end is there.</summary>
internal sealed class LogReader(string path)
{
    private long _position;
    private int _lines;

    /// <summary>The lines that came since the last call, with their numbers from 1.</summary>
    public IReadOnlyList<(int Number, string Line)> NewLines()
    {
        if (!File.Exists(path))
        {
            return [];
        }

        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (file.Length < _position)
        {
            (_position, _lines) = (0, 0); // another file
        }

        file.Position = _position;
        byte[] bytes = new byte[file.Length - _position];
        file.ReadExactly(bytes);
        int end = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        _position += end;
        return [.. Encoding.UTF8.GetString(bytes, 0, end).Split('\n').SkipLast(1).Select(line => (++_lines, line))];
    }
}
