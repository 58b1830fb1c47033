using Graft.Infrastructure;
using Graft.Training.Extraction;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Graft.Training;

/// <summary>
/// A store of shards cannot be used. <see cref="IsPassing"/> tells whether the same call may succeed later.
/// </summary>
public sealed class StoreException : GraftException
{
    internal StoreException(string path, string reason, Exception? inner = null)
        : base($"'{Printable.Text(path)}' cannot be used: {reason}", inner)
    {
        Subject = path;
    }

    /// <summary>
    /// True where the disk, the network or another process is in the way, so that the same call may succeed later.
    /// False where the images, the options or the store must be corrected first.
    /// </summary>
    public bool IsPassing { get; init; }

    /// <summary>What the disk or the network refused.</summary>
    internal static StoreException OfDisk(string path, Exception error) =>
        error is SqliteException sqlite
            ? new(path, CacheFile.Describe(sqlite), error) { IsPassing = IsPassingCode(sqlite.SqliteErrorCode) }
            : new(path, Printable.Text(error.Message.TrimEnd('.')), error)
            {
                IsPassing = error is not UnauthorizedAccessException,
            };

    private static bool IsPassingCode(int code) =>
        code
            is raw.SQLITE_FULL
                or raw.SQLITE_IOERR
                or raw.SQLITE_BUSY
                or raw.SQLITE_LOCKED
                or raw.SQLITE_CANTOPEN
                or raw.SQLITE_NOMEM;
}
