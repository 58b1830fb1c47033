using Graft.Infrastructure;
using Microsoft.Win32.SafeHandles;
using Parquet;

namespace Graft.Training.Data;

/// <summary>The images of one Parquet file. Labels are read at once, images with their row group when needed.</summary>
internal static class ParquetImages
{
    private const int MostRows = 20_000_000;

    // Parquet.Net does not return from some damaged files.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    /// <summary>The rows with an image and a label, and the number of others.</summary>
    /// <exception cref="GraftException">It is damaged or has no images and labels.</exception>
    public static (IReadOnlyList<ScannedFile> Images, int Without) Read(ScannedFile table, ImagePart? part)
    {
        try
        {
            return Task.Run(() => ReadAsync(table, part)).WaitAsync(s_patience).GetAwaiter().GetResult();
        }
        catch (TimeoutException error)
        {
            throw Problem(table, $"reading its labels takes over {s_patience.TotalMinutes} minutes; divide it", error);
        }
        // damaged files make Parquet.Net throw many types
        catch (Exception error) when (error is not (GraftException or OutOfMemoryException))
        {
            throw Problem(table, "it is damaged or not complete; fetch it again", error);
        }
    }

    private static async Task<(IReadOnlyList<ScannedFile> Images, int Without)> ReadAsync(
        ScannedFile table,
        ImagePart? part
    )
    {
        SafeFileHandle file = File.OpenHandle(table.File, options: FileOptions.RandomAccess);
        ParquetFooter.Check(file);
        ParquetReader reader = await ParquetReader
            .CreateAsync(new FileSlice(file, 0, RandomAccess.GetLength(file)), null, leaveStreamOpen: false)
            .ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            ParquetColumns columns = ParquetColumns.Find(table, reader);
            ParquetRowGroups groups = new(file, columns.Image.Path.ToString());
            List<ScannedFile> images = [];
            long row = 0;
            for (int group = 0; group < reader.RowGroupCount; group++)
            {
                using ParquetRowGroupReader rows = reader.OpenRowGroupReader(group);
                if (row + rows.RowCount is < 0 or > MostRows)
                {
                    throw Problem(table, $"it has more than {MostRows:N0} rows; divide it");
                }

                ParquetRowGroups.CheckSize(table, rows, columns.Image);
                string?[] labels = await columns.LabelsAsync(table, rows).ConfigureAwait(false);
                foreach ((int index, string? label) in labels.Index())
                {
                    if (label is not null)
                    {
                        images.Add(Image(table, groups, group, index, row + index, label, part));
                    }
                }

                row += rows.RowCount;
            }

            return (images, (int)row - images.Count);
        }
    }

    private static ScannedFile Image(
        ScannedFile table,
        ParquetRowGroups groups,
        int group,
        int index,
        long row,
        string label,
        ImagePart? part
    ) =>
        new($"{table.Path}/{row:D7}", "", label, part)
        {
            IsListed = true,
            Open = cancel => groups.OpenAsync(group, index, cancel),
        };

    public static GraftException Problem(ScannedFile table, string reason, Exception? error = null) =>
        new($"'{Printable.Text(table.Path)}' cannot be used: {reason}", error);
}
