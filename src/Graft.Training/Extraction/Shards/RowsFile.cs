using Microsoft.Data.Sqlite;

namespace Graft.Training.Extraction;

/// <summary>
/// The form of a file of rows that never changes again: an SQLite file (docs/reference/store.md). Equal rows in an
/// equal order give equal bytes.
/// </summary>
internal static class RowsFile
{
    // Nothing is kept back in case of a crash: a file without its manifest is of no use.
    private const string Settings =
        "PRAGMA page_size=16384; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE; "
        + "PRAGMA mmap_size=0; PRAGMA cache_size=-16000;";

    private const string Schema = $"""
        CREATE TABLE streams(
            id INTEGER PRIMARY KEY,
            body TEXT NOT NULL, edge TEXT NOT NULL, detail TEXT NOT NULL,
            UNIQUE(body, edge, detail));
        CREATE TABLE entries(
            id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, stream INTEGER NOT NULL,
            bytes INTEGER NOT NULL, checksum INTEGER NOT NULL);
        CREATE TABLE {CacheFile.ValueTable}(id INTEGER PRIMARY KEY, {CacheFile.ValueColumn} BLOB NOT NULL);
        PRAGMA user_version=1;
        """;

    private const string Rows = $"""
        SELECT entries.key, body, edge, detail, {CacheFile.ValueColumn}, checksum
        FROM entries
            JOIN streams ON streams.id = entries.stream
            JOIN {CacheFile.ValueTable} AS kept ON kept.id = entries.id
        ORDER BY entries.key
        """;

    /// <summary>Writes a new file. Of rows with the same key, the first stays.</summary>
    /// <param name="path">Where; nothing may lie there.</param>
    /// <param name="rows">The rows in the order in which they are written.</param>
    /// <returns>Number of rows written.</returns>
    /// <exception cref="StoreException">The disk refuses it.</exception>
    public static long Write(string path, IEnumerable<StoredRow> rows)
    {
        try
        {
            long count;
            // no locks: the file has a name of its own, and network folders often have none
            using (SqliteConnection connection = Open(path, "nolock=1", SqliteOpenMode.ReadWriteCreate))
            {
                connection.Execute(Settings);
                connection.Execute(Schema);
                connection.Execute("BEGIN");
                count = Insert(connection, rows);
                connection.Execute("COMMIT");
            }

            using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite);
            file.Flush(flushToDisk: true);
            return count;
        }
        catch (Exception error) when (error is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw StoreException.OfDisk(path, error);
        }
    }

    /// <summary>The rows of an open file or cache, by rising key.</summary>
    public static IEnumerable<StoredRow> InOrder(SqliteConnection connection)
    {
        using SqliteCommand command = connection.Command(Rows);
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return new(
                (byte[])reader[0],
                new(reader.GetString(1), reader.GetString(2), reader.GetString(3)),
                (byte[])reader[4],
                reader.GetInt64(5)
            );
        }
    }

    /// <summary>Opens a file that nobody changes, without a lock.</summary>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    public static SqliteConnection OpenWhole(string path) => Open(path, "immutable=1", SqliteOpenMode.ReadOnly);

    private static SqliteConnection Open(string path, string parameter, SqliteOpenMode mode)
    {
        SqliteConnection connection = new(
            new SqliteConnectionStringBuilder
            {
                DataSource = $"{new Uri(Path.GetFullPath(path)).AbsoluteUri}?{parameter}",
                Mode = mode,
                Pooling = false,
            }.ConnectionString
        );
        connection.Open();
        return connection;
    }

    private static long Insert(SqliteConnection connection, IEnumerable<StoredRow> rows)
    {
        Dictionary<CacheStream, long> streams = [];
        using SqliteCommand enter = connection.Command(
            "INSERT OR IGNORE INTO entries(key, stream, bytes, checksum) VALUES($key, $stream, $bytes, $checksum)",
            "$key",
            "$stream",
            "$bytes",
            "$checksum"
        );
        using SqliteCommand keep = connection.Command(
            $"INSERT INTO {CacheFile.ValueTable}(id, {CacheFile.ValueColumn}) VALUES(last_insert_rowid(), $value)",
            "$value"
        );
        long count = 0;
        foreach (StoredRow row in rows)
        {
            if (!streams.TryGetValue(row.Stream, out long stream))
            {
                streams[row.Stream] = stream = streams.Count + 1;
                using SqliteCommand add = connection.Command(
                    "INSERT INTO streams(id, body, edge, detail) VALUES($id, $body, $edge, $detail)",
                    "$id",
                    "$body",
                    "$edge",
                    "$detail"
                );
                add.Run(stream, row.Stream.Body, row.Stream.Edge, row.Stream.Detail);
            }

            if (enter.Run(row.Key, stream, row.Value.Length, row.Checksum) == 1)
            {
                keep.Run(row.Value);
                count++;
            }
        }

        return count;
    }
}
