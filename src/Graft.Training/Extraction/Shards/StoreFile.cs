using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Graft.Infrastructure;
using Graft.Training.Run;

namespace Graft.Training.Extraction;

/// <summary>
/// Files in a folder that several processes share. A file is complete when it gets its name, and whoever is first to
/// give the name wins.
/// </summary>
internal static class StoreFile
{
    /// <summary>Ending of a name that is not final.</summary>
    public const string Ending = ".part";

    private const long LongestJson = 1L << 30;

    /// <summary>A name of this process for something that is not complete.</summary>
    /// <param name="path">The final path.</param>
    public static string TemporaryPathOf(string path) =>
        $"{path}~{Environment.MachineName}~{Environment.ProcessId}"
        + $"~{ProcessStart.Of(Environment.ProcessId)?.Replace(' ', '+')}~{Guid.NewGuid():N}{Ending}";

    /// <summary>
    /// True where such a name was given by a process of this machine that has ended. Nothing is known of others.
    /// </summary>
    public static bool IsOfDeadProcess(string temporary) =>
        Path.GetFileName(temporary).Split('~') is [_, var machine, var process, var start, _]
        && int.TryParse(process, out int number)
        && new LockOwner(number, start.Replace('+', ' '), machine).IsGone;

    /// <summary>Reads a JSON file; null where there is none.</summary>
    /// <param name="folder">The folder of the store, for messages.</param>
    /// <param name="file">Path of the file.</param>
    /// <param name="parse">Makes a value of its content.</param>
    /// <exception cref="StoreException">It cannot be read.</exception>
    public static T? Read<T>(string folder, string file, Func<byte[], T?> parse)
        where T : class
    {
        try
        {
            return new FileInfo(file) is { Exists: true, Length: <= LongestJson }
                ? parse(File.ReadAllBytes(file))
                : null;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException error)
        {
            string name = Path.GetRelativePath(folder, file);
            throw new StoreException(
                folder,
                $"{Printable.Text(name)} is not what Graft writes; delete that file",
                error
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StoreException.OfDisk(file, error);
        }
    }

    /// <summary>Writes a JSON file, unless another process was first.</summary>
    /// <param name="folder">The folder of the store, for messages.</param>
    /// <param name="file">Path of the file.</param>
    /// <exception cref="StoreException">The disk refuses it.</exception>
    public static void Publish<T>(string folder, string file, T value, JsonTypeInfo<T> type) =>
        Guard(folder, () =>
        {
            string temporary = TemporaryPathOf(file);
            AtomicFile.Write(temporary, JsonSerializer.SerializeToUtf8Bytes(value, type));
            try
            {
                // a hard link fails where the name is taken, which a renaming does not
                File.Move(temporary, file, overwrite: false);
            }
            catch (IOException) when (File.Exists(file))
            {
                File.Delete(temporary);
            }
        });

    /// <summary>SHA-256 of a file in hexadecimal; "" where there is none.</summary>
    /// <exception cref="StoreException">It cannot be read.</exception>
    public static string HashOf(string file)
    {
        try
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StoreException.OfDisk(file, error);
        }
    }

    /// <summary>Turns errors of the disk into one line.</summary>
    /// <exception cref="StoreException">The disk refuses it.</exception>
    public static void Guard(string folder, Action work)
    {
        try
        {
            work();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StoreException.OfDisk(folder, error);
        }
    }
}
