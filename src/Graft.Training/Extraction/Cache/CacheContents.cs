using Graft.Infrastructure;
using Graft.Training.Extraction;
using Microsoft.Data.Sqlite;

namespace Graft.Training;

/// <summary>What the cache holds of one network at one edge.</summary>
/// <param name="Body">Name of the network.</param>
/// <param name="Edge">Name of the edge, or what else was computed. Untrusted text.</param>
/// <param name="Detail">Shape and precision of the values.</param>
/// <param name="Rows">Number of images, views counted separately.</param>
/// <param name="Bytes">Size of the values, in bytes.</param>
/// <param name="LastUse">When a run last used them.</param>
public sealed record CacheEntry(string Body, string Edge, string Detail, long Rows, long Bytes, DateTimeOffset LastUse);

/// <summary>The contents of a cache.</summary>
/// <param name="File">Path of the cache; nothing lies there while the cache is empty.</param>
/// <param name="Bytes">Size on the disk, in bytes.</param>
/// <param name="LimitBytes">Largest size that it may reach, in bytes.</param>
/// <param name="Entries">The last used first.</param>
public sealed record CacheContents(string File, long Bytes, long LimitBytes, IReadOnlyList<CacheEntry> Entries)
{
    private const string Query = """
        SELECT body, edge, detail, count(*), sum(bytes), max(used)
        FROM entries JOIN streams ON streams.id = entries.stream
        GROUP BY streams.id ORDER BY max(used) DESC, body, edge, detail
        """;

    /// <summary>Lists the contents without changing them.</summary>
    /// <exception cref="GraftException">The cache cannot be read.</exception>
    internal static CacheContents Read(CacheOptions options)
    {
        string path = PathOf(options);
        if (!System.IO.File.Exists(path))
        {
            return new(path, 0, options.LimitFor(0), []);
        }

        long bytes = OnDisk(path); // before it is opened, which makes a log
        try
        {
            using SqliteConnection connection = new(
                new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString
            );
            connection.Open();
            if (CacheFile.Number(connection, "PRAGMA user_version") == 0)
            {
                return new(path, bytes, options.LimitFor(0), []); // the disk had no room for its tables
            }

            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = Query;
            using SqliteDataReader reader = command.ExecuteReader();
            List<CacheEntry> entries = [];
            while (reader.Read())
            {
                entries.Add(
                    new(
                        reader.GetString(0),
                        reader.GetString(1),
                        reader.GetString(2),
                        reader.GetInt64(3),
                        reader.GetInt64(4),
                        DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(5))
                    )
                );
            }

            return new(path, bytes, options.LimitFor(CacheFile.HeldBytes(connection)), entries);
        }
        catch (Exception error) when (error is SqliteException or InvalidCastException or ArgumentOutOfRangeException)
        {
            string reason = error is SqliteException storage
                ? CacheFile.Describe(storage)
                : "its content is no database of Graft's; clear the cache to remove it";
            throw new GraftException($"'{Printable.Text(path)}' cannot be read: {reason}", error);
        }
    }

    /// <summary>Removes the cache.</summary>
    /// <returns>Number of bytes freed.</returns>
    /// <exception cref="GraftException">The cache cannot be removed.</exception>
    internal static long Clear(CacheOptions options)
    {
        string path = PathOf(options);
        long bytes = OnDisk(path);
        try
        {
            CacheFile.Delete(path);
            return bytes;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraftException(
                $"'{Printable.Text(path)}' cannot be removed: {Printable.Text(error.Message.TrimEnd('.'))}; "
                    + "end the runs that use it, or change its permissions",
                error
            );
        }
    }

    private static string PathOf(CacheOptions options) =>
        CacheFile.PathOf(options) is { Length: > 0 } path
            ? path
            : throw new GraftException(
                $"'{CacheOptions.Variable}' cannot be found: this user has no folder for a cache; "
                    + $"set {CacheOptions.Variable} to a folder"
            );

    private static long OnDisk(string path) =>
        CacheFile.PartsOf(path).Select(part => new FileInfo(part)).Where(file => file.Exists).Sum(file => file.Length);
}
