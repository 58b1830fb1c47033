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
    /// <param name="deepest">Deepest level of folders in an archive.</param>
    /// <exception cref="GraftException">The format is known and a list in it cannot be used.</exception>
    public static RecognisedImages? InFolder(string folder, IReadOnlyList<ScannedFile> files, int deepest) =>
        ShardFolder.Read(folder, files, deepest)
        ?? ParquetFolder.Read(files)
        ?? Recognise(DatasetFiles.OfFolder(folder, files));

    /// <summary>The images of an archive or of another tool's list; null for a CSV file of Graft's own.</summary>
    /// <param name="file">The file as it was given.</param>
    /// <param name="deepest">Deepest level of folders in an archive.</param>
    /// <exception cref="GraftException">The format is known and the file cannot be used.</exception>
    public static RecognisedImages? InFile(string file, int deepest)
    {
        if (OpenArchive(file, deepest) is not DatasetFiles archive)
        {
            return IsParquet(file) ? ParquetFolder.Read(file) : Recognise(DatasetFiles.OfList(file));
        }

        return Recognise(archive)
            ?? new($"{archive.Container} of class folders", FolderLayout.Label(archive.All, file));
    }

    /// <summary>The files of an archive; null for any other file.</summary>
    /// <exception cref="GraftException">The archive is damaged or beyond the limits.</exception>
    public static DatasetFiles? OpenArchive(string path, int deepest)
    {
        SafeFileHandle file = OpenFile(path);
        Span<byte> start = stackalloc byte[StartBytes];
        start = start[..RandomAccess.Read(file, start, 0)];
        if (ZipFiles.Begins(start))
        {
            return DatasetFiles.OfArchive(path, ZipFiles.List(path, file, deepest), "a zip archive");
        }

        if (GzipCopy.Begins(start))
        {
            using SafeFileHandle packed = file;
            SafeFileHandle content = GzipCopy.Open(path, packed);
            return DatasetFiles.OfArchive(path, TarFiles.List(path, content, deepest), "a compressed tar archive");
        }

        bool isTar = TarFiles.Begins(start) || path.EndsWith(".tar", StringComparison.OrdinalIgnoreCase);
        if (isTar)
        {
            return DatasetFiles.OfArchive(path, TarFiles.List(path, file, deepest), "a tar archive");
        }

        file.Dispose();
        return null;
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
