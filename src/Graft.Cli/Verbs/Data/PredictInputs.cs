using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Prediction;

namespace Graft.Cli.Verbs;

/// <summary>What `predict` was asked to classify: files, folders, patterns, and `-` for standard input.</summary>
internal sealed class PredictInputs
{
    /// <summary>Stands for standard input.</summary>
    public const string StandardInput = "-";

    private readonly ImageFolderOptions _walk;
    private readonly DecodeLimits _limits;
    private readonly Func<Stream> _standardInput;
    private readonly List<NamedImage> _images = [];
    private readonly List<string> _notes = [];

    /// <param name="walk">How folders are listed.</param>
    /// <param name="limits">Limits on one image.</param>
    /// <param name="standardInput">Opens standard input.</param>
    public PredictInputs(ImageFolderOptions walk, DecodeLimits limits, Func<Stream> standardInput)
    {
        _walk = walk;
        _limits = limits;
        _standardInput = standardInput;
    }

    /// <summary>The images in their order. One that is known to be unusable throws when it is opened.</summary>
    public IReadOnlyList<NamedImage> Images => _images;

    /// <summary>What was left out of folders, on one line each, safe to print.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Adds what a word of the command line stands for.</summary>
    /// <exception cref="UsageException">Standard input is named twice.</exception>
    /// <exception cref="GraftException">A folder cannot be read or has no images, or no file matches.</exception>
    public void Add(string word)
    {
        if (word == StandardInput)
        {
            AddStandardInput();
        }
        else if (FilePattern.Of(word) is FilePattern pattern)
        {
            AddFolder(word, pattern.Folder, _walk with { IsRecursive = pattern.IsDeep }, pattern.Matches);
        }
        else if (Directory.Exists(word))
        {
            AddFolder(word, word, _walk, _ => true);
        }
        else
        {
            AddFile(word);
        }
    }

    private void AddStandardInput()
    {
        if (_images.Exists(image => image.Name == StandardInput))
        {
            throw new UsageException($"'{StandardInput}' cannot be given twice: standard input holds one image");
        }

        _images.Add(new(StandardInput, _ => new(_standardInput())));
    }

    // Who names a pipe waits for what comes out of it.
    private void AddFile(string path) =>
        _images.Add(
            IsPipe(path)
                ? new(path, _ => new(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0)))
                : Stored(path, path)
        );

    // A pipe reports a length of 0. What a shell makes of <(command) is a link to no name: /dev/fd/63 -> pipe:[7].
    private static bool IsPipe(string path)
    {
        FileInfo file = new(path);
        try
        {
            // the length of a link is that of its text
            FileSystemInfo real = file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
            return real.Name.StartsWith("pipe:[", StringComparison.Ordinal)
                || real is FileInfo { Exists: true, Length: 0 };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false; // reading it says why
        }
    }

    private void AddFolder(string word, string folder, ImageFolderOptions walk, Func<string, bool> matches)
    {
        string shown = Printable.Text(word);
        bool isPattern = word != folder;
        string root = folder.Length == 0 ? "." : folder;
        FolderListing? listing = Directory.Exists(root) ? ImageFolder.List(root, walk) : null;
        FolderFile[] files = [.. (listing?.Files ?? []).Where(file => matches(file.Path))];
        FolderFile[] images = [.. files.Where(IsMeant)];
        foreach (FolderFile file in images)
        {
            string name = Path.Combine(folder, file.Path);
            _images.Add(file.Problem is string problem ? Unusable(name, problem) : Stored(name, file.File));
        }

        ListedFolder[] closed = [.. (listing?.Folders ?? []).Where(inner => inner.Problem is not null && !isPattern)];
        _images.AddRange(closed.Select(inner => Unusable(Path.Combine(folder, inner.Path), inner.Problem!)));
        string[] others = [.. files.Except(images).Select(file => file.Path)];
        if (images.Length + closed.Length == 0)
        {
            string but = others.Length > 0 ? $", but {Counted(others)}" : "";
            string reason = isPattern
                ? $"no image matches it{but}; correct the pattern"
                : $"there are no images in it{but}; name a folder of images";
            throw new GraftException($"'{shown}' cannot be used: {reason}");
        }

        if (others.Length > 0)
        {
            _notes.Add($"'{shown}': left out {Counted(others)}, which Graft does not read as images");
        }
    }

    private NamedImage Stored(string name, string path) =>
        new(name, _ => new(new MemoryStream(ImageFile.Read(path, _limits), writable: false)));

    private static NamedImage Unusable(string name, string problem) =>
        new(name, _ => throw new ImageException(name, problem));

    // As training: a file that is named as an image is meant as one, and any other if its first bytes are an image's.
    private static bool IsMeant(FolderFile file)
    {
        if (ImageFormats.IsMeant(file.Path) || file.Problem is not null)
        {
            return ImageFormats.IsMeant(file.Path);
        }

        try
        {
            if (new FileInfo(file.File).Length == 0)
            {
                return false; // a pipe, which must not be opened, or nothing
            }

            using FileStream stream = File.OpenRead(file.File);
            byte[] start = new byte[ImageSignature.Length];
            int length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            return ImageSignature.Detect(start.AsSpan(0, length)) != ImageFormat.Unknown;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // "3 other files (.txt 2, .db 1)"
    private static string Counted(string[] paths)
    {
        IEnumerable<string> kinds = paths
            .GroupBy(path => Path.GetExtension(path).ToLowerInvariant())
            .OrderByDescending(kind => kind.Count())
            .Take(5)
            .Select(kind =>
                $"{(kind.Key.Length == 0 ? "without extension" : Printable.Text(kind.Key))} {kind.Count()}"
            );
        string files = paths.Length == 1 ? "file" : "files";
        return $"{paths.Length} other {files} ({string.Join(", ", kinds)})";
    }
}
