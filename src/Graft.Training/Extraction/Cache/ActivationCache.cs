using System.IO.Hashing;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Graft.Training.Extraction;

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
    private readonly ValueReader _values;
    private long _pendingBytes;

    private ActivationCache(
        SqliteConnection connection,
        CacheOptions options,
        TimeProvider time,
        Action<string> warn,
        FeatureStore? store
    )
    {
        _connection = connection;
        _statements = new(connection);
        _values = new(connection);
        (_warn, Store) = (warn, store);
        _now = time.GetUtcNow().ToUnixTimeMilliseconds();
        _mostPending = options.PendingBytes;
        Limit = options.LimitFor(CacheFile.HeldBytes(connection));
    }

    /// <summary>Limit of its size on the disk, in bytes.</summary>
    public long Limit { get; }

    /// <summary>Rows that were extracted before, which come first; null: none.</summary>
    public FeatureStore? Store { get; }

    /// <summary>Why nothing more is stored; null while values are stored.</summary>
    public string? StopReason { get; private set; }

    /// <summary>
    /// Opens or creates the cache. Returns null where that is impossible, for example in a folder that cannot be
    /// written; then <paramref name="warn"/> receives the reason.
    /// </summary>
    /// <param name="store">Rows that were extracted before, which come first. Owned by the cache. Null: none.</param>
    public static ActivationCache? Open(
        CacheOptions options,
        TimeProvider time,
        Action<string> warn,
        FeatureStore? store = null
    )
    {
        SqliteConnection? connection = options.IsOn ? CacheFile.Open(options, warn) : null;
        return connection is not null ? new(connection, options, time, warn, store)
            : store is not null ? OpenTemporary(time, warn, store)
            : null;
    }

    /// <summary>Opens a cache of this process alone, which leaves nothing behind.</summary>
    public static ActivationCache OpenTemporary(TimeProvider time, Action<string> warn, FeatureStore? store = null) =>
        new(CacheFile.OpenTemporary(), new() { LimitBytes = long.MaxValue / 2 }, time, warn, store);

    /// <summary>The place of a value; null where there is none. Marks the value as used.</summary>
    public CachedValue? Find(byte[] key)
    {
        if (Store?.Rows.Find(key) is CachedValue stored)
        {
            return stored;
        }

        key = OwnKey(key);
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

        if (row.IsStored)
        {
            return Store!.Rows.Read(row, key, target);
        }

        lock (_gate)
        {
            if (!_values.Read(row.Id, target))
            {
                return false;
            }
        }

        return Checksum(OwnKey(key), target) == row.Checksum;
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
        key = OwnKey(key);
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
            _values.Close();
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
                _values.Close();
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
            _values.Close();
            _statements.Dispose();
            _connection.Dispose();
            Store?.Dispose();
        }
    }

    /// <summary>The values of this cache by rising key, without those of the store under it.</summary>
    public IEnumerable<StoredRow> InOrder()
    {
        Flush();
        return RowsFile.InOrder(_connection);
    }

    /// <summary>Covers a key and its value.</summary>
    internal static long Checksum(byte[] key, ReadOnlySpan<byte> value) =>
        (long)XxHash3.HashToUInt64(value, MemoryMarshal.Read<long>(key));

    // What is computed from rows of several kinds of machines must not be taken for what one kind computes.
    private byte[] OwnKey(byte[] key) =>
        Store is { IsMixed: true } ? CacheKey.OfParts("rows of mixed machines", [key]) : key;

    private void WritePending()
    {
        if (_pending.Count == 0)
        {
            return;
        }

        PendingValue[] values = [.. _pending.Values];
        _pending.Clear();
        _pendingBytes = 0;
        _values.Close(); // an open one holds back the log's checkpoint
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
