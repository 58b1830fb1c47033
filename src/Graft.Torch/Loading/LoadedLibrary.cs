using System.Globalization;

namespace Graft.Torch;

/// <summary>A native library in the memory of this process. Linux only.</summary>
/// <param name="Path">Path of its file.</param>
/// <param name="Start">Address of its first byte.</param>
internal sealed record LoadedLibrary(string Path, nint Start)
{
    /// <summary>Finds a library by the name of its file. Null: it is not loaded.</summary>
    public static LoadedLibrary? Find(string name)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        // start-end permissions offset device inode path
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            string[] words = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
            bool isFirst = words.Length == 6 && words[2].All(digit => digit == '0');
            if (isFirst && System.IO.Path.GetFileName(words[5]) == name)
            {
                string start = words[0][..words[0].IndexOf('-', StringComparison.Ordinal)];
                return new(words[5], nint.Parse(start, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            }
        }

        return null;
    }
}
