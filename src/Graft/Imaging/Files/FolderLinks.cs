namespace Graft.Imaging;

/// <summary>Decides which links a walk follows, and finds those without end.</summary>
/// <param name="root">The folder that is walked.</param>
/// <param name="follow">False: no link is followed.</param>
internal sealed class FolderLinks(string root, bool follow)
{
    private const string Refused =
        "it is a link, and links in data from outside are not followed; copy its target here";
    private const string Circle = "it is a link that leads in a circle; delete it or list it in ignore.txt";

    // Where the folders above lead. Found only when the first link is met.
    private readonly List<Lazy<string>> above = [new(() => RealPath.Of(root))];

    /// <summary>
    /// Enters a folder, or says why not. A folder that was entered must be left.
    /// </summary>
    public string? Enter(DirectoryInfo folder)
    {
        Lazy<string> real = new(() => RealPath.Of(folder.FullName));
        if (folder.LinkTarget is not null)
        {
            if (!follow)
            {
                return Refused;
            }

            try
            {
                if (above.Exists(one => IsWithin(one.Value, real.Value)))
                {
                    return "it is a link to a folder that it lies in; delete it or list it in ignore.txt";
                }
            }
            catch (IOException)
            {
                return Circle;
            }
        }

        above.Add(real);
        return null;
    }

    public void Leave() => above.RemoveAt(above.Count - 1);

    /// <summary>Why a file cannot be reached; null where it can.</summary>
    public string? ProblemOf(FileInfo file)
    {
        if (file.LinkTarget is not string target)
        {
            return null;
        }

        try
        {
            return !follow ? Refused
                : file.ResolveLinkTarget(returnFinalTarget: true) is { Exists: true } ? null
                : $"it is a link to nothing, '{Infrastructure.Printable.Text(target, 200)}'; "
                    + "put the file there, delete the link or list it in ignore.txt";
        }
        catch (IOException)
        {
            return Circle;
        }
    }

    private static bool IsWithin(string path, string folder) =>
        path == folder
        || path.StartsWith(
            Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar,
            StringComparison.Ordinal
        );
}
