using Graft.Infrastructure;
using Microsoft.Win32.SafeHandles;
using Parquet;

namespace Graft.Training.Data;

/// <summary>The images of a Parquet file.</summary>
/// <param name="Images">Rows with labels.</param>
/// <param name="Unlabelled">Rows without.</param>
/// <param name="AreLists">True where a row has a list of labels.</param>
internal sealed record ParquetRows(
    IReadOnlyList<ScannedFile> Images,
    IReadOnlyList<ScannedFile> Unlabelled,
    bool AreLists
);

/// <summary>The images of one Parquet file. Labels are read at once, images with their row group when needed.</summary>
internal static class ParquetImages
{
    /// <summary>Most rows of one table.</summary>
    public const int MostRows = 20_000_000;

    // Parquet.Net does not return from some damaged files.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    /// <summary>The rows with an image.</summary>
    /// <exception cref="GraftException">It is damaged or has no images and labels.</exception>
    public static ParquetRows Read(ScannedFile table, ImagePart? part) => Guarded(table, () => ReadAsync(table, part));

    /// <summary>Reads a table that may be damaged.</summary>
    /// <exception cref="GraftException">It is damaged, or reading takes too long.</exception>
    public static T Guarded<T>(ScannedFile table, Func<Task<T>> read)
    {
        try
        {
            return Task.Run(read).WaitAsync(s_patience).GetAwaiter().GetResult();
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

    private static async Task<ParquetRows> ReadAsync(ScannedFile table, ImagePart? part)
    {
        SafeFileHandle file = File.OpenHandle(table.File, options: FileOptions.RandomAccess);
        FileSlice content = new(file, 0, RandomAccess.GetLength(file));
        ParquetFooter.Check(content);
        ParquetReader reader = await ParquetReader
            .CreateAsync(content, null, leaveStreamOpen: false)
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
                string[][] labels = await columns.LabelsAsync(table, rows).ConfigureAwait(false);
                images.AddRange(
                    labels.Select((own, index) => Image(table, groups, group, index, row + index, own, part))
                );

                row += rows.RowCount;
            }

            ILookup<bool, ScannedFile> haveLabels = images.ToLookup(image => image.Labels!.Count > 0);
            return new([.. haveLabels[true]], [.. haveLabels[false]], columns.Label.MaxRepetitionLevel > 0);
        }
    }

    private static ScannedFile Image(
        ScannedFile table,
        ParquetRowGroups groups,
        int group,
        int index,
        long row,
        string[] labels,
        ImagePart? part
    )
    {
        LabelList own = LabelList.Of(labels);
        return new($"{table.Path}/{row:D7}", "", $"{own}", part)
        {
            Labels = own,
            IsListed = true,
            Open = cancel => groups.OpenAsync(group, index, cancel),
        };
    }

    public static GraftException Problem(ScannedFile table, string reason, Exception? error = null) =>
        new($"'{Printable.Text(table.Path)}' cannot be used: {reason}", error);
}
