using Graft.Infrastructure;
using Graft.Training.Run;

namespace Graft.Training.Extraction;

/// <summary>
/// Makes one file of the units of a store. Its bytes depend on the rows alone: neither on the number of shards nor on
/// the order in which they ended.
/// </summary>
internal static class StoreMerge
{
    private const string Phase = "merge";

    /// <summary>Merges the units. Where that is done already, the merged file is checked.</summary>
    /// <param name="folder">The store.</param>
    /// <param name="allowsMixed">True: units of different instruction sets may be merged.</param>
    /// <param name="progress">Receives the number of merged units.</param>
    /// <param name="cancel">Stops the merge.</param>
    /// <exception cref="StoreException">A unit is missing, torn or foreign, or the disk refuses.</exception>
    public static MergedManifest Run(
        StoreFolder folder,
        bool allowsMixed,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel
    )
    {
        StoreHeader header = folder.ReadHeader()
            ?? throw new StoreException(folder.Path, "there is no store; extract its shards first");
        StorePlan plan = folder.ReadPlan()
            ?? throw new StoreException(
                folder.Path,
                "no shard has looked at all images yet; let the shards end, or extract them again"
            );
        UnitManifest[] units = Check(folder, header, cancel);
        string[] machines = [.. units.Select(unit => unit.Machine).OfType<string>().Distinct().Order()];
        if (machines.Length > 1 && !allowsMixed)
        {
            throw new StoreException(
                folder.Path,
                $"its units were computed by {NamesOf(machines)}, whose bits "
                    + "differ; extract them on one kind of machine, or allow mixed machines"
            )
            {
                Option = nameof(TrainingOptions.MixedMachines),
            };
        }

        string hashes = Fingerprint.OfLines(units.Select(unit => unit.Sha256));
        MergedManifest merged = Done(folder, hashes)
            ?? Write(folder, header, plan, units, progress, cancel) with
            {
                Machines = machines,
                Units = hashes,
            };
        folder.Write(merged);
        folder.RemoveOthers(units.Select(unit => unit.File).ToHashSet());
        return merged;
    }

    /// <summary>Several kinds of machines, for a message.</summary>
    public static string NamesOf(IEnumerable<string> machines) =>
        string.Join(" and ", machines.Select(machine => Printable.Text(machine)));

    private static UnitManifest[] Check(StoreFolder folder, StoreHeader header, CancellationToken cancel)
    {
        StoreUnit[] looks = [.. StoreUnit.All(StoreUnit.Looks, header)];
        StoreUnit[] rows = [.. StoreUnit.All(StoreUnit.Rows, header)];
        string? foreign = folder.UnitNames().Except(looks.Concat(rows).Select(unit => unit.Name)).FirstOrDefault();
        if (foreign is not null)
        {
            throw new StoreException(
                folder.Path,
                $"the unit {Printable.Text(foreign)} is foreign: this store has no such unit; "
                    + $"delete its manifest units/{Printable.Text(foreign)}.json"
            );
        }

        (StoreUnits ofLooks, StoreUnits ofRows) = (new(folder, null), new(folder, folder.PlanId));
        return
        [
            .. looks.Select(unit => Required(ofLooks, unit, cancel)),
            .. rows.Select(unit => Required(ofRows, unit, cancel)),
        ];
    }

    private static UnitManifest Required(StoreUnits units, StoreUnit unit, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return units.Require(unit);
    }

    // Null where nothing is merged, or other units were.
    private static MergedManifest? Done(StoreFolder folder, string hashes) =>
        folder.ReadMerged() is MergedManifest merged
        && merged.Units == hashes
        && StoreFile.HashOf(folder.MergedPath) == merged.Sha256
            ? merged
            : null;

    private static MergedManifest Write(
        StoreFolder folder,
        StoreHeader header,
        StorePlan plan,
        UnitManifest[] units,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel
    )
    {
        string temporary = StoreFile.TemporaryPathOf(folder.MergedPath);
        try
        {
            long rows = RowsFile.Write(temporary, RowsOf(folder, units, progress, cancel));
            (long bytes, string hash) = (new FileInfo(temporary).Length, StoreFile.HashOf(temporary));
            File.Move(temporary, folder.MergedPath, overwrite: true);
            return new(
                StoreHeader.CurrentVersion,
                folder.Id,
                folder.PlanId,
                plan.Engine,
                plan.Machine,
                [],
                plan.Views,
                header.ImageCount,
                plan.Streams,
                bytes,
                hash,
                rows,
                ""
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StoreException.OfDisk(folder.MergedPath, error);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static IEnumerable<StoredRow> RowsOf(
        StoreFolder folder,
        UnitManifest[] units,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel
    )
    {
        for (int i = 0; i < units.Length; i++)
        {
            cancel.ThrowIfCancellationRequested();
            using StoredRows rows = StoredRows.Open(folder.RowsPath(units[i].File));
            foreach (StoredRow row in rows.InOrder())
            {
                yield return row.IsWhole
                    ? row
                    : throw new StoreException(
                        folder.Path,
                        $"the unit {units[i].Unit} is torn: a row has another checksum; extract its shard again"
                    );
            }

            progress.Report(new Progressed(Phase, i + 1, units.Length, "units", 0, TimeSpan.Zero));
        }
    }
}
