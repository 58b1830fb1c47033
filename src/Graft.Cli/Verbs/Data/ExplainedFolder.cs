using Graft.Infrastructure;

namespace Graft.Cli.Verbs;

/// <summary>The folder that `graft explain` writes to. Each file gets a name of its own.</summary>
/// <param name="folder">Path of the folder, which need not exist.</param>
internal sealed class ExplainedFolder(string folder)
{
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A name for the files of an image that no other image has.</summary>
    /// <param name="image">Name or path of the image.</param>
    public string NameFor(string image)
    {
        string name = Path.GetFileNameWithoutExtension(image);
        string free = name;
        for (int number = 2; !_names.Add(free); number++)
        {
            free = $"{name}-{number}";
        }

        return free;
    }

    /// <summary>Writes a file and returns its path.</summary>
    /// <exception cref="GraftException">The file cannot be written.</exception>
    public string Write(string name, ReadOnlySpan<byte> content)
    {
        string path = Path.Combine(folder, name);
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(path, content);
            return path;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraftException(
                $"'{Printable.Text(path)}' cannot be written: {Printable.Text(error.Message.TrimEnd('.'))}; name "
                    + "another folder with --out",
                error
            );
        }
    }
}
