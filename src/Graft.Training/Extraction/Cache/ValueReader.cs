using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Graft.Training.Extraction;

/// <summary>Reads values from an SQLite file without a copy by way of a statement. Not thread-safe.</summary>
/// <param name="connection">The open file.</param>
internal sealed class ValueReader(SqliteConnection connection)
{
    private sqlite3_blob? _blob;

    /// <summary>Reads a value. False where it is gone or of another length.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="target">Receives all of it.</param>
    public bool Read(long id, Span<byte> target)
    {
        bool isThere = _blob is null
            ? raw.sqlite3_blob_open(
                connection.Handle,
                "main",
                CacheFile.ValueTable,
                CacheFile.ValueColumn,
                id,
                0,
                out _blob
            ) == raw.SQLITE_OK
            : raw.sqlite3_blob_reopen(_blob, id) == raw.SQLITE_OK;
        bool isRead =
            isThere
            && raw.sqlite3_blob_bytes(_blob) == target.Length
            && raw.sqlite3_blob_read(_blob, target, 0) == raw.SQLITE_OK;
        if (!isRead)
        {
            Close(); // a handle that missed once is of no more use
        }

        return isRead;
    }

    /// <summary>Ends the last read. While it is open, no process can clear the log.</summary>
    public void Close()
    {
        _blob?.Dispose();
        _blob = null;
    }
}
