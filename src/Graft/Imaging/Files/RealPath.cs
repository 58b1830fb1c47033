namespace Graft.Imaging;

/// <summary>Where a path leads when every link in it is followed.</summary>
internal static class RealPath
{
    private const int MostLinks = 40; // as Linux

    /// <exception cref="IOException">The links lead in a circle.</exception>
    public static string Of(string path)
    {
        string full = Path.GetFullPath(path);
        int links = 0;
        string current = Path.GetPathRoot(full)!;
        Stack<string> left = Names(full[current.Length..]);
        while (left.TryPop(out string? name))
        {
            string next = Path.Combine(current, name);
            if (new FileInfo(next).LinkTarget is not string target)
            {
                current = next;
                continue;
            }

            if (++links > MostLinks)
            {
                throw new IOException($"more than {MostLinks} links");
            }

            string led = Path.GetFullPath(target, current);
            current = Path.GetPathRoot(led)!;
            Names(led[current.Length..]).Reverse().ToList().ForEach(left.Push);
        }

        return current;
    }

    // the first name on top
    private static Stack<string> Names(string path) =>
        new(path.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Reverse());
}
