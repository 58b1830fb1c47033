using Graft.Infrastructure;
using Microsoft.Win32.SafeHandles;
using Parquet;
using Parquet.Schema;

namespace Graft.Training.Data;

/// <summary>
/// The images of a Parquet file, a row group at a time. The groups that were used last stay in memory, because readers
/// take rows in their order.
/// </summary>
/// <param name="file">The open file.</param>
/// <param name="column">Path of the images' column.</param>
internal sealed class ParquetRowGroups(SafeFileHandle file, string column)
{
    private const long MostGroupBytes = 1L << 30;
    private const long KeptBytes = 256L << 20;

    private readonly Lock _lock = new();
    private readonly LinkedList<(int Group, Task<byte[]?[]> Images)> _recent = new();

    /// <summary>Refuses a row group that would take too much memory.</summary>
    public static void CheckSize(ScannedFile table, ParquetRowGroupReader rows, DataField image)
    {
        long bytes = rows.GetMetadata(image)?.MetaData?.TotalUncompressedSize ?? 0;
        if (bytes is < 0 or > MostGroupBytes)
        {
            throw ParquetImages.Problem(
                table,
                $"a row group of '{Printable.Text(image.Path.ToString())}' takes more than {MostGroupBytes >> 20} MiB; "
                    + "write it with smaller row groups"
            );
        }
    }

    /// <summary>Opens the image of a row.</summary>
    /// <param name="group">Number of the row group.</param>
    /// <param name="index">Number of the row in its group.</param>
    /// <exception cref="InvalidDataException">The row has no image, or the group cannot be read.</exception>
    public async ValueTask<Stream> OpenAsync(int group, int index, CancellationToken cancel)
    {
        byte[]?[] images = await Images(group).WaitAsync(cancel).ConfigureAwait(false);
        return index < images.Length && images[index] is byte[] bytes
            ? new MemoryStream(bytes, writable: false)
            : throw new InvalidDataException("the row has no image");
    }

    private Task<byte[]?[]> Images(int group)
    {
        lock (_lock)
        {
            (int Group, Task<byte[]?[]> Images) known = _recent.FirstOrDefault(one => one.Group == group);
            if (known.Images is null)
            {
                Forget();
                known = (group, Task.Run(() => LoadAsync(group)));
            }
            else
            {
                _recent.Remove(known);
            }

            _recent.AddFirst(known);
            return known.Images;
        }
    }

    // The largest groups fit once; those that are being read cannot be counted yet.
    private void Forget()
    {
        long kept = 0;
        LinkedListNode<(int Group, Task<byte[]?[]> Images)>? node = _recent.First;
        while (node is not null)
        {
            LinkedListNode<(int Group, Task<byte[]?[]> Images)>? next = node.Next;
            kept += node.Value.Images.IsCompletedSuccessfully
                ? node.Value.Images.Result.Sum(image => (long)(image?.Length ?? 0))
                : 0;
            if (kept > KeptBytes || node.Value.Images.IsFaulted)
            {
                _recent.Remove(node);
            }

            node = next;
        }
    }

    private async Task<byte[]?[]> LoadAsync(int group)
    {
        ParquetReader reader = await ParquetReader
            .CreateAsync(new FileSlice(file, 0, RandomAccess.GetLength(file)), null, leaveStreamOpen: false)
            .ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            using ParquetRowGroupReader rows = reader.OpenRowGroupReader(group);
            DataField field = Array.Find(reader.Schema.DataFields, one => one.Path.ToString() == column)!;
            ReadOnlyMemory<byte>[] values = new ReadOnlyMemory<byte>[rows.RowCount];
            int[] levels = new int[rows.RowCount];
            await rows.ReadRawAsync<ReadOnlyMemory<byte>>(field, values, (Memory<int>?)levels.AsMemory(), null)
                .ConfigureAwait(false);
            byte[]?[] images = new byte[]?[values.Length];
            int next = 0;
            for (int row = 0; row < images.Length; row++)
            {
                bool isThere = field.MaxDefinitionLevel == 0 || levels[row] == field.MaxDefinitionLevel;
                images[row] = isThere ? values[next++].ToArray() : null;
            }

            return images;
        }
    }
}
