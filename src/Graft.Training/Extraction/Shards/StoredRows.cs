using Microsoft.Data.Sqlite;

namespace Graft.Training.Extraction;

/// <summary>The rows of a file that never changes again. Thread-safe.</summary>
internal sealed class StoredRows : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _find;
    private readonly ValueReader _values;

    private StoredRows(SqliteConnection connection)
    {
        _connection = connection;
        _values = new(connection);
        _find = connection.Command("SELECT id, bytes, checksum FROM entries WHERE key = $key", "$key");
    }

    /// <summary>Opens a file that <see cref="RowsFile"/> wrote.</summary>
    /// <exception cref="StoreException">It cannot be opened.</exception>
    public static StoredRows Open(string path)
    {
        try
        {
            return new(RowsFile.OpenWhole(path));
        }
        catch (SqliteException error)
        {
            throw StoreException.OfDisk(path, error);
        }
    }

    /// <summary>The place of a row; null where there is none.</summary>
    public CachedValue? Find(byte[] key)
    {
        lock (_gate)
        {
            try
            {
                _find.Parameters[0].Value = key;
                using SqliteDataReader reader = _find.ExecuteReader();
                return reader.Read()
                    ? new(reader.GetInt64(0), reader.GetInt32(1), reader.GetInt64(2)) { IsStored = true }
                    : null;
            }
            catch (SqliteException)
            {
                return null; // a row that cannot be read is a miss, as in a cache
            }
        }
    }

    /// <summary>Reads a row. False where it is damaged; then the caller computes it.</summary>
    public bool Read(CachedValue row, byte[] key, Span<byte> target)
    {
        lock (_gate)
        {
            if (!_values.Read(row.Id, target))
            {
                return false;
            }
        }

        return ActivationCache.Checksum(key, target) == row.Checksum;
    }

    /// <summary>All rows by rising key.</summary>
    public IEnumerable<StoredRow> InOrder() => RowsFile.InOrder(_connection);

    public void Dispose()
    {
        lock (_gate)
        {
            _values.Close();
            _find.Dispose();
            _connection.Dispose();
        }
    }
}
