using Graft.Infrastructure;
using Microsoft.Data.Sqlite;

namespace Graft.Training.Extraction;

/// <summary>The SQL statements of the <see cref="ActivationCache"/>. Not thread-safe.</summary>
internal sealed class CacheStatements : IDisposable
{
    private const string ValueInsert =
        $"INSERT INTO {CacheFile.ValueTable}(id, {CacheFile.ValueColumn}) VALUES(last_insert_rowid(), $value)";

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _find;

    public CacheStatements(SqliteConnection connection)
    {
        _connection = connection;
        _find = _connection.Command("SELECT id, bytes, checksum, used FROM entries WHERE key = $key", "$key");
    }

    public CachedValue? Find(byte[] key, out long used)
    {
        used = 0;
        _find.Parameters[0].Value = key;
        using SqliteDataReader reader = _find.ExecuteReader();
        if (!reader.Read())
        {
            return null;
        }

        used = reader.GetInt64(3);
        return new(reader.GetInt64(0), reader.GetInt32(1), reader.GetInt64(2));
    }

    /// <summary>Writes all values or none. A value replaces an earlier one with the same key.</summary>
    public void Write(IReadOnlyList<PendingValue> values, long now)
    {
        using SqliteTransaction transaction = _connection.BeginTransaction(deferred: false);
        Dictionary<CacheStream, long> streams = [];
        using SqliteCommand drop = _connection.Command(
            $"DELETE FROM {CacheFile.ValueTable} WHERE id = (SELECT id FROM entries WHERE key = $key)",
            "$key"
        );
        using SqliteCommand forget = _connection.Command("DELETE FROM entries WHERE key = $key", "$key");
        using SqliteCommand enter = _connection.Command(
            "INSERT INTO entries(key, stream, used, bytes, checksum) VALUES($key, $stream, $used, $bytes, $checksum)",
            "$key",
            "$stream",
            "$used",
            "$bytes",
            "$checksum"
        );
        using SqliteCommand keep = _connection.Command(ValueInsert, "$value");
        foreach (PendingValue value in values)
        {
            if (!streams.TryGetValue(value.Stream, out long stream))
            {
                streams[value.Stream] = stream = IdOf(value.Stream);
            }

            drop.Run(value.Key);
            forget.Run(value.Key);
            enter.Run(value.Key, stream, now, value.Value.Length, value.Checksum);
            keep.Run(value.Value);
            FaultPoint.Hit("cache-row");
        }

        transaction.Commit();
        FaultPoint.Hit("cache-commit");
    }

    /// <summary>Marks entries as used. Consecutive ids, which are the rule within a run, take one statement.</summary>
    public void Touch(List<long> ids, long now)
    {
        if (ids.Count == 0)
        {
            return;
        }

        ids.Sort();
        using SqliteTransaction transaction = _connection.BeginTransaction(deferred: false);
        using SqliteCommand touch = _connection.Command(
            "UPDATE entries SET used = $now WHERE id BETWEEN $first AND $last",
            "$now",
            "$first",
            "$last"
        );
        for (int i = 0, end; i < ids.Count; i = end)
        {
            end = i + 1;
            while (end < ids.Count && ids[end] <= ids[end - 1] + 1)
            {
                end++;
            }

            touch.Run(now, ids[i], ids[end - 1]);
        }

        transaction.Commit();
    }

    /// <summary>
    /// Deletes values of <paramref name="bytes"/> bytes in total, the least recently used first, and returns their
    /// number.
    /// </summary>
    public int DeleteOldest(long usedBefore, long bytes)
    {
        using SqliteTransaction transaction = _connection.BeginTransaction(deferred: false);
        List<long> oldest = [];
        using (
            SqliteCommand list = _connection.Command(
                "SELECT id, bytes FROM entries WHERE used < $before ORDER BY used, id",
                "$before"
            )
        )
        {
            list.Parameters[0].Value = usedBefore;
            using SqliteDataReader reader = list.ExecuteReader();
            for (long found = 0; found < bytes && reader.Read(); found += reader.GetInt64(1))
            {
                oldest.Add(reader.GetInt64(0));
            }
        }

        using SqliteCommand values = _connection.Command($"DELETE FROM {CacheFile.ValueTable} WHERE id = $id", "$id");
        using SqliteCommand entries = _connection.Command("DELETE FROM entries WHERE id = $id", "$id");
        foreach (long id in oldest)
        {
            values.Run(id);
            entries.Run(id);
        }

        transaction.Commit();
        return oldest.Count;
    }

    /// <summary>Returns free pages to the disk.</summary>
    public void ReturnPages()
    {
        using SqliteCommand vacuum = _connection.Command("PRAGMA incremental_vacuum");
        using SqliteDataReader pages = vacuum.ExecuteReader();
        while (pages.Read())
        {
            continue; // a page a step
        }
    }

    public void Dispose() => _find.Dispose();

    private long IdOf(CacheStream stream)
    {
        object[] names = [stream.Body, stream.Edge, stream.Detail];
        using SqliteCommand add = _connection.Command(
            "INSERT OR IGNORE INTO streams(body, edge, detail) VALUES($body, $edge, $detail)",
            "$body",
            "$edge",
            "$detail"
        );
        using SqliteCommand find = _connection.Command(
            "SELECT id FROM streams WHERE body = $body AND edge = $edge AND detail = $detail",
            "$body",
            "$edge",
            "$detail"
        );
        add.Run(names);
        for (int i = 0; i < names.Length; i++)
        {
            find.Parameters[i].Value = names[i];
        }

        return (long)find.ExecuteScalar()!;
    }
}
