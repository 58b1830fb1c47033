using System.IO.Hashing;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Graft.Training.Extraction;

/// <summary>Place of a value in the cache. <paramref name="Checksum"/> covers its key and its bytes.</summary>
internal readonly record struct CachedValue(long Id, int Bytes, long Checksum);

/// <summary>
/// Values by content key in an SQLite file, kept between runs. Thread-safe, and open to many processes, which read in
/// parallel and write in turn. It may lose values but never changes them: a damaged, evicted or unreadable value is a
/// miss, and the caller computes it again. The first value that cannot be written causes one warning. docs/results.md
/// says why SQLite.
/// </summary>
internal sealed class ActivationCache : IDisposable
{
    private const double EvictedTo = 0.9; // of the limit: not a few rows at every commit

    private readonly Lock _gate = new();
    private readonly SqliteConnection _connection;
    private readonly CacheStatements _statements;
    private readonly Action<string> _warn;
    private readonly int _mostPending;
    private readonly long _now;
    private readonly Dictionary<string, PendingValue> _pending = [];
    private readonly List<long> _touched = [];
    private long _pendingBytes;
    private sqlite3_blob? _blob;

    private ActivationCache(SqliteConnection connection, CacheOptions options, TimeProvider time, Action<string> warn)
    {
        _connection = connection;
        _statements = new(connection);
        _warn = warn;
        _now = time.GetUtcNow().ToUnixTimeMilliseconds();
        _mostPending = options.PendingBytes;
        Limit = options.LimitFor(CacheFile.HeldBytes(connection));
    }

    /// <summary>Limit of its size on the disk, in bytes.</summary>
    public long Limit { get; }

    /// <summary>Why nothing more is stored; null while values are stored.</summary>
    public string? StopReason { get; private set; }

    /// <summary>
    /// Opens or creates the cache. Returns null where that is impossible, for example in a folder that cannot be
    /// written; then <paramref name="warn"/> receives the reason.
    /// </summary>
    public static ActivationCache? Open(CacheOptions options, TimeProvider time, Action<string> warn)
    {
        if (!options.IsOn)
        {
            return null;
        }

        SqliteConnection? connection = CacheFile.Open(options, warn);
        return connection is null ? null : new(connection, options, time, warn);
    }

    /// <summary>The place of a value; null where there is none. Marks the value as used.</summary>
    public CachedValue? Find(byte[] key)
    {
        lock (_gate)
        {
            return Guarded<CachedValue?>(() =>
            {
                if (_pending.ContainsKey(Convert.ToHexString(key)))
                {
                    WritePending();
                }

                CachedValue? found = _statements.Find(key, out long used);
                if (found is CachedValue row && used < _now)
                {
                    _touched.Add(row.Id);
                }

                return found;
            });
        }
    }

    /// <summary>
    /// Reads a value. False where it is gone, damaged or of another length; then the caller computes it again.
    /// </summary>
    /// <param name="key">The key by which the row was found.</param>
    public bool Read(CachedValue row, byte[] key, Span<byte> target)
    {
        if (row.Bytes != target.Length)
        {
            return false;
        }

        lock (_gate)
        {
            bool isThere = _blob is null
                ? raw.sqlite3_blob_open(
                    _connection.Handle,
                    "main",
                    CacheFile.ValueTable,
                    CacheFile.ValueColumn,
                    row.Id,
                    0,
                    out _blob
                ) == raw.SQLITE_OK
                : raw.sqlite3_blob_reopen(_blob, row.Id) == raw.SQLITE_OK;
            bool isRead =
                isThere
                && raw.sqlite3_blob_bytes(_blob) == target.Length
                && raw.sqlite3_blob_read(_blob, target, 0) == raw.SQLITE_OK;
            if (!isRead)
            {
                CloseBlob(); // a handle that missed once is of no more use
                return false;
            }
        }

        return Checksum(key, target) == row.Checksum;
    }

    /// <summary>Finds and reads a value of any length; null where there is none or it is damaged.</summary>
    public byte[]? Get(byte[] key)
    {
        if (Find(key) is not CachedValue row)
        {
            return null;
        }

        byte[] value = new byte[row.Bytes];
        return Read(row, key, value) ? value : null;
    }

    /// <summary>
    /// Stores a value and replaces an earlier one with the same key. It may be written later, with other values.
    /// </summary>
    public void Add(byte[] key, CacheStream stream, byte[] value)
    {
        lock (_gate)
        {
            if (StopReason is not null)
            {
                return;
            }

            string name = Convert.ToHexString(key);
            _pendingBytes +=
                value.Length - (_pending.TryGetValue(name, out PendingValue? before) ? before.Value.Length : 0);
            _pending[name] = new(key, stream, value, Checksum(key, value));
            if (_pendingBytes >= _mostPending)
            {
                Guarded<object?>(() =>
                {
                    WritePending();
                    return null;
                });
            }
        }
    }

    /// <summary>Ends the last read. While it is open, no process can clear the log.</summary>
    public void ReleaseReader()
    {
        lock (_gate)
        {
            CloseBlob();
        }
    }

    /// <summary>Writes the pending values, and marks the values that were found as used.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            Guarded<object?>(() =>
            {
                WritePending();
                CloseBlob();
                _statements.Touch(_touched, _now);
                _touched.Clear();
                return null;
            });
        }
    }

    /// <summary>Refuses every further page, as a full disk does. For tests.</summary>
    internal void RefuseToGrow()
    {
        lock (_gate)
        {
            _ = CacheFile.Number(
                _connection,
                $"PRAGMA max_page_count={CacheFile.Number(_connection, "PRAGMA page_count")}"
            );
        }
    }

    public void Dispose()
    {
        Flush();
        lock (_gate)
        {
            CloseBlob();
            _statements.Dispose();
            _connection.Dispose();
        }
    }

    private static long Checksum(byte[] key, ReadOnlySpan<byte> value) =>
        (long)XxHash3.HashToUInt64(value, MemoryMarshal.Read<long>(key));

    private void WritePending()
    {
        if (_pending.Count == 0)
        {
            return;
        }

        PendingValue[] values = [.. _pending.Values];
        _pending.Clear();
        _pendingBytes = 0;
        CloseBlob(); // an open one holds back the log's checkpoint
        long coming = values.Sum(value => (long)value.Value.Length);
        if (CacheFile.HeldBytes(_connection) + coming > Limit && !Evict(coming))
        {
            Stop($"its limit of {Limit / 1e9:0.0} GB is reached; raise the limit");
            return;
        }

        _statements.Write(values, _now);
    }

    // True where there is room again. Values that this run found or wrote stay.
    private bool Evict(long coming)
    {
        _statements.Touch(_touched, _now);
        _touched.Clear();
        long target = (long)(EvictedTo * Limit) - coming;
        for (long held = CacheFile.HeldBytes(_connection); held > target; held = CacheFile.HeldBytes(_connection))
        {
            if (_statements.DeleteOldest(usedBefore: _now, held - target) == 0)
            {
                return held + coming <= Limit;
            }
        }

        _statements.ReturnPages();
        return true;
    }

    private void CloseBlob()
    {
        _blob?.Dispose();
        _blob = null;
    }

    private T? Guarded<T>(Func<T?> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException error)
        {
            Stop(CacheFile.Describe(error));
            return default;
        }
    }

    private void Stop(string reason)
    {
        if (StopReason is null)
        {
            StopReason = reason;
            _pending.Clear();
            _warn(
                $"The cache stores nothing more: {reason}. "
                    + "Training continues and computes what is not stored each time it is needed."
            );
        }
    }
}

/// <summary>What a value belongs to, for the list of the cache's contents. No part of its key.</summary>
/// <param name="Body">Name of the network.</param>
/// <param name="Edge">Name of the edge, or what else was computed.</param>
/// <param name="Detail">Shape and precision of the values.</param>
internal sealed record CacheStream(string Body, string Edge, string Detail);

/// <summary>A value that is not written yet.</summary>
internal sealed record PendingValue(byte[] Key, CacheStream Stream, byte[] Value, long Checksum);
