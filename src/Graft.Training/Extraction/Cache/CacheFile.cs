using Graft.Infrastructure;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Graft.Training.Extraction;

/// <summary>The SQLite file of the <see cref="ActivationCache"/>: its path, schema and errors.</summary>
internal static class CacheFile
{
    public const string Name = "rows.db";

    /// <summary>
    /// Table of the values. It is separate from the entries, so marking an entry as used does not rewrite its value.
    /// </summary>
    public const string ValueTable = "contents";
    public const string ValueColumn = "value";

    private const int SchemaVersion = 1;
    private const int BusySeconds = 30; // others write for a fraction of a second at a time

    // Pages of 16 KB: rows of 50 to 400 KB are read at memory speed, and little room is lost at their ends
    // (docs/results.md). No memory map: truncation of a mapped file would kill the process, and its pages would count
    // as memory of the process.
    private const string Settings =
        "PRAGMA page_size=16384; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; "
        + "PRAGMA synchronous=NORMAL; PRAGMA mmap_size=0; PRAGMA cache_size=-4000;";

    private const string Schema = $"""
        BEGIN IMMEDIATE;
        CREATE TABLE IF NOT EXISTS streams(
            id INTEGER PRIMARY KEY,
            body TEXT NOT NULL, edge TEXT NOT NULL, detail TEXT NOT NULL,
            UNIQUE(body, edge, detail));
        CREATE TABLE IF NOT EXISTS entries(
            id INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB NOT NULL UNIQUE, stream INTEGER NOT NULL,
            used INTEGER NOT NULL, bytes INTEGER NOT NULL, checksum INTEGER NOT NULL);
        CREATE INDEX IF NOT EXISTS entries_used ON entries(used);
        CREATE TABLE IF NOT EXISTS {ValueTable}(id INTEGER PRIMARY KEY, {ValueColumn} BLOB NOT NULL);
        PRAGMA user_version=1;
        COMMIT;
        """;

    /// <summary>Path of the file; empty where the user has no folder for a cache.</summary>
    public static string PathOf(CacheOptions options) =>
        options.FullFolder.Length == 0 ? "" : Path.Combine(options.FullFolder, Name);

    /// <summary>
    /// Opens or creates the file, and replaces a damaged one. Returns null, with a warning, where none of this works.
    /// </summary>
    public static SqliteConnection? Open(CacheOptions options, Action<string> warn)
    {
        string path = PathOf(options);
        if (path.Length == 0)
        {
            warn(
                "There is no cache: this user has no folder for one; "
                    + $"set {CacheOptions.Variable} to a folder, or switch the cache off."
            );
            return null;
        }

        try
        {
            Directory.CreateDirectory(options.FullFolder);
            try
            {
                return Connect(path);
            }
            catch (SqliteException error) when (IsDamage(error))
            {
                warn(
                    $"The cache '{Printable.Text(path)}' is damaged ({Describe(error)}): "
                        + "it is replaced by an empty one."
                );
                Delete(path);
                return Connect(path);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or SqliteException)
        {
            string reason = error is SqliteException storage
                ? Describe(storage)
                : Printable.Text(error.Message.TrimEnd('.'));
            warn(
                $"There is no cache: '{Printable.Text(path)}' cannot be used, {reason}; "
                    + $"set {CacheOptions.Variable} to another folder, or switch the cache off."
            );
            return null;
        }
    }

    /// <summary>
    /// Opens a nameless file in the system's temporary folder. The system removes it with the process.
    /// </summary>
    public static SqliteConnection OpenTemporary()
    {
        SqliteConnection connection = new(
            new SqliteConnectionStringBuilder { DataSource = "", Pooling = false }.ConnectionString
        );
        connection.Open();
        connection.Execute(
            "PRAGMA page_size=16384; PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY; PRAGMA cache_size=-4000;"
                + Schema
        );
        return connection;
    }

    /// <summary>Removes the file and its log. A process that has them open keeps its data.</summary>
    public static void Delete(string path)
    {
        if (Directory.Exists(Path.GetDirectoryName(path)))
        {
            Array.ForEach(PartsOf(path), File.Delete);
        }
    }

    /// <summary>The file, its log and the log's index.</summary>
    public static string[] PartsOf(string path) => [path, path + "-wal", path + "-shm"];

    /// <summary>Size of the values on the disk, in bytes. Free pages do not count.</summary>
    public static long HeldBytes(SqliteConnection connection) =>
        (Number(connection, "PRAGMA page_count") - Number(connection, "PRAGMA freelist_count"))
        * Number(connection, "PRAGMA page_size");

    /// <summary>The reason and the way out, in one line.</summary>
    public static string Describe(SqliteException error) =>
        error.SqliteErrorCode switch
        {
            raw.SQLITE_FULL => "the disk is full; free some of it or set another folder",
            raw.SQLITE_IOERR => "the disk gives an error or is full; check it",
            raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_CANTOPEN or raw.SQLITE_AUTH =>
                "it may not be written; change its permissions",
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "another process keeps it locked; wait for it to end",
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB =>
                "its content is no database of Graft's; clear the cache to remove it",
            _ => $"SQLite says '{Printable.Text(error.Message)}'",
        };

    public static long Number(SqliteConnection connection, string query)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = query;
        return (long)command.ExecuteScalar()!;
    }

    private static SqliteConnection Connect(string path)
    {
        SqliteConnection connection = new(
            new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Pooling = false,
                DefaultTimeout = BusySeconds,
            }.ConnectionString
        );
        try
        {
            connection.Open();
            connection.Execute(Settings);
            long version = Number(connection, "PRAGMA user_version");
            if (version != SchemaVersion)
            {
                // 0: the file is new, or another process is creating it. Another number: another version of Graft wrote
                // it, and its values are of no use here.
                connection.Execute(
                    version == 0
                        ? Schema
                        : "DROP TABLE IF EXISTS streams; DROP TABLE IF EXISTS entries; "
                            + $"DROP TABLE IF EXISTS {ValueTable}; "
                            + Schema
                );
            }

            // detects a damaged or foreign file now
            _ = Number(connection, $"SELECT count(*) FROM (SELECT 1 FROM entries, streams, {ValueTable} LIMIT 1)");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static bool IsDamage(SqliteException error) =>
        // SQLITE_ERROR: no such table or column
        error.SqliteErrorCode
            is raw.SQLITE_CORRUPT
                or raw.SQLITE_NOTADB
                or raw.SQLITE_ERROR;
}
