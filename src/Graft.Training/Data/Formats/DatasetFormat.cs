using Graft.Imaging;
using Graft.Infrastructure;
using Microsoft.Win32.SafeHandles;

namespace Graft.Training.Data;

/// <summary>Recognises archives and the exports of other tools by their content.</summary>
internal static class DatasetFormat
{
    private const int StartBytes = 512;

    // The first that knows the files reads them: those with a name of their own come before those found by content.
    private static readonly Func<DatasetFiles, RecognisedImages?>[] Readers =
    [
        TeachableMachineProject.Read,
        HuggingFaceMetadata.Read,
        RoboflowClasses.Read,
        JsonLists.Read,
        AzureLines.Read,
        WebDatasetShard.Read,
        ImageNetLists.Read,
    ];

    /// <summary>The images of a folder that another tool wrote; null for a folder of class folders.</summary>
    /// <param name="folder">The folder as it was given.</param>
    /// <param name="files">Its files without labels.</param>
    /// <param name="options">How lists and archives are read.</param>
    /// <exception cref="GraftException">The format is known and a list in it cannot be used.</exception>
    public static ScannedSet? InFolder(string folder, IReadOnlyList<ScannedFile> files, ImageSetOptions options)
    {
        // labels may be asked to come from the folders
        RecognisedImages? found =
            options.Data.Layout != DataLayout.Auto
                ? null
                : ShardFolder.Read(folder, files, options)
                    ?? ParquetFolder.Read(files)
                    ?? Recognise(DatasetFiles.OfFolder(folder, files, options));
        return found is null ? null : Scanned(folder, folder, found, options);
    }

    /// <summary>The images of an archive or of another tool's list; null for a CSV file of Graft's own.</summary>
    /// <param name="file">The file as it was given.</param>
    /// <param name="options">How lists and archives are read.</param>
    /// <exception cref="GraftException">The format is known and the file cannot be used.</exception>
    public static ScannedSet? InFile(string file, ImageSetOptions options)
    {
        // a pipe is 0 bytes long, or a link to nothing: looking into it would take its first bytes away
        FileInfo given = new(file);
        if ((given.ResolveLinkTarget(returnFinalTarget: true) ?? given) is not FileInfo { Exists: true, Length: > 0 })
        {
            return null;
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        if (OpenArchive(file, options) is Archive archive)
        {
            return RecogniseArchive(file, archive, options) is RecognisedImages inside
                ? Scanned(file, folder, inside, options)
                : archive.ReadFolders(file, folder, options);
        }

        DatasetFiles list = DatasetFiles.OfList(file, options);
        RecognisedImages? found = IsParquet(file)
            ? HuggingFaceMetadata.Read(list) ?? ParquetFolder.Read(file)
            : Recognise(list);
        return found is null ? null : Scanned(file, folder, found, options);
    }

    /// <summary>The content of an archive; null for any other file.</summary>
    /// <exception cref="GraftException">The archive is damaged or beyond the limits.</exception>
    public static Archive? OpenArchive(string path, ImageSetOptions options)
    {
        SafeFileHandle file = OpenFile(path);
        ArchiveLimits limits = new(path, options.Depth);
        Span<byte> start = stackalloc byte[StartBytes];
        start = start[..RandomAccess.Read(file, start, 0)];
        if (ZipFiles.Begins(start))
        {
            return new("a zip archive", ZipFiles.List(file, limits, options.Data.Encoding), limits.Folders);
        }

        if (GzipCopy.Begins(start))
        {
            using SafeFileHandle packed = file;
            return new(
                "a compressed tar archive",
                TarFiles.List(GzipCopy.Open(packed, limits), limits),
                limits.Folders
            );
        }

        if (TarFiles.Begins(start) || path.EndsWith(".tar", StringComparison.OrdinalIgnoreCase))
        {
            return new("a tar archive", TarFiles.List(file, limits), limits.Folders);
        }

        file.Dispose();
        return null;
    }

    private static RecognisedImages? RecogniseArchive(string file, Archive archive, ImageSetOptions options) =>
        options.Data.Layout == DataLayout.Auto ? Recognise(DatasetFiles.OfArchive(file, archive, options)) : null;

    private static ScannedSet Scanned(string source, string folder, RecognisedImages found, ImageSetOptions options)
    {
        IgnoreList ignored = IgnoreList.Read(folder, options.Data.Encoding);
        found = found.For(options.Task);
        return new([.. found.Images.Where(image => !ignored.Contains(image.Path))])
        {
            AreCropped = found.AreCropped,
            Notes = [$"'{Printable.Text(source)}' is read as {found.What}"],
            Warnings = found.Warnings,
        };
    }

    private static bool IsParquet(string path)
    {
        using SafeFileHandle file = OpenFile(path);
        Span<byte> start = stackalloc byte[4];
        return ParquetFolder.Begins(start[..RandomAccess.Read(file, start, 0)]);
    }

    private static RecognisedImages? Recognise(DatasetFiles files)
    {
        foreach (Func<DatasetFiles, RecognisedImages?> read in Readers)
        {
            if (read(files) is RecognisedImages found)
            {
                return found;
            }
        }

        return null;
    }

    private static SafeFileHandle OpenFile(string path)
    {
        try
        {
            return File.OpenHandle(path, options: FileOptions.RandomAccess);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraftException(
                $"'{Printable.Text(path)}' cannot be used: "
                    + (
                        error is UnauthorizedAccessException
                            ? "it may not be read; change its permissions"
                            : "it could not be read; check the disk"
                    ),
                error
            );
        }
    }
}
