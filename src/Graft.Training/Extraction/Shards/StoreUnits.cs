using Graft.Infrastructure;

namespace Graft.Training.Extraction;

/// <summary>The units of a store: checks those that are there, and writes the others.</summary>
/// <param name="folder">The folder of the store.</param>
/// <param name="plan">Identity of the plan that the units follow; null for looks.</param>
internal sealed class StoreUnits(StoreFolder folder, string? plan)
{
    private const int HashDigits = 16;

    /// <summary>True where a unit is there and whole. A torn one is removed, so that it can be made again.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="images">SHA-256 over the contents of its images.</param>
    /// <exception cref="StoreException">The unit belongs to another store.</exception>
    public bool IsThere(StoreUnit unit, string images)
    {
        if (folder.ReadUnit(unit.Name) is not UnitManifest manifest)
        {
            return false;
        }

        RequireOwn(unit, manifest);
        if (manifest.Images != images)
        {
            throw Foreign(unit, "its images are others");
        }

        if (IsWhole(manifest))
        {
            return true;
        }

        folder.Remove(manifest);
        return false;
    }

    /// <summary>The manifest of a unit that is there and whole.</summary>
    /// <exception cref="StoreException">The unit is missing, torn, or belongs to another store.</exception>
    public UnitManifest Require(StoreUnit unit)
    {
        UnitManifest manifest = folder.ReadUnit(unit.Name)
            ?? throw new StoreException(
                folder.Path,
                $"the unit {unit.Name} is missing (images {unit.First + 1:N0} to {unit.First + unit.Count:N0}); "
                    + "extract its shard again"
            );
        RequireOwn(unit, manifest);
        return IsWhole(manifest)
            ? manifest
            : throw new StoreException(
                folder.Path,
                $"the unit {unit.Name} is torn: {Printable.Text(manifest.File)} is not what its manifest says; "
                    + "extract its shard again"
            );
    }

    /// <summary>Writes a unit: first its rows, then its manifest.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="images">SHA-256 over the contents of its images.</param>
    /// <param name="kept">Its rows.</param>
    /// <param name="machine">Library and instruction set that computed them; null for looks.</param>
    /// <exception cref="StoreException">The disk refuses it.</exception>
    public void Write(StoreUnit unit, string images, ActivationCache kept, string? machine)
    {
        string temporary = StoreFile.TemporaryPathOf(folder.RowsPath(unit.Name));
        try
        {
            long count = RowsFile.Write(temporary, kept.InOrder());
            if (kept.StopReason is string reason)
            {
                throw new StoreException(Path.GetTempPath(), reason) { IsPassing = true };
            }

            (long bytes, string hash) = (new FileInfo(temporary).Length, StoreFile.HashOf(temporary));
            string file = $"{unit.Name}.{hash[..Math.Min(HashDigits, hash.Length)]}.db";
            FaultPoint.Hit("unit-made", unit.Name);
            File.Move(temporary, folder.RowsPath(file), overwrite: true);
            FaultPoint.Hit("unit-named", unit.Name);
            folder.Write(new UnitManifest(unit.Name, folder.Id, plan, images, file, bytes, hash, count, machine));
            RemoveLoser(unit, file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or StoreException)
        {
            // while this process was suspended, another may have made the unit, and a merge removed the file
            if (!IsThere(unit, images))
            {
                throw error as StoreException ?? StoreException.OfDisk(temporary, error);
            }
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    // Another kind of machine may have been first, with other bits.
    private void RemoveLoser(StoreUnit unit, string file)
    {
        if (folder.ReadUnit(unit.Name) is UnitManifest winner && winner.File != file)
        {
            File.Delete(folder.RowsPath(file));
        }
    }

    private bool IsWhole(UnitManifest manifest) =>
        // a name with a folder in it is not from here
        Path.GetFileName(manifest.File) == manifest.File
        && new FileInfo(folder.RowsPath(manifest.File)) is { Exists: true } file
        && file.Length == manifest.Bytes
        && StoreFile.HashOf(file.FullName) == manifest.Sha256;

    private void RequireOwn(StoreUnit unit, UnitManifest manifest)
    {
        if (manifest.Unit != unit.Name || manifest.Store != folder.Id || manifest.Plan != plan)
        {
            throw Foreign(unit, "it was made for other images or options");
        }
    }

    private StoreException Foreign(StoreUnit unit, string reason) =>
        new(folder.Path, $"the unit {unit.Name} is foreign: {reason}; delete its manifest units/{unit.Name}.json");
}
