using Graft.Infrastructure;
using Graft.Training.Extraction;

namespace Graft.Training.Pipeline;

/// <summary>Takes complete units out of a folder.</summary>
internal static class FinishedUnits
{
    /// <summary>Copies the runs of all units into the folder of a repeated training.</summary>
    /// <param name="folder">The folder of the plan.</param>
    /// <param name="header">The plan.</param>
    /// <param name="target">Folder of the repeated training. Runs that are there stay.</param>
    /// <param name="allowsMixed">True: units of other instruction sets may be used.</param>
    /// <exception cref="StoreException">A unit is missing, torn or foreign.</exception>
    public static void Copy(WorkFolder folder, WorkHeader header, string target, bool allowsMixed)
    {
        folder.RequireNoOthers(header);
        List<WorkManifest> units = [.. header.Units.Select(folder.Require)];
        if (!allowsMixed && units.Find(unit => unit.Machine != header.Machine) is WorkManifest other)
        {
            throw new StoreException(
                folder.Path,
                $"the unit {other.Unit} was trained on {Printable.Text(other.Machine)}, and the others on "
                    + $"{Printable.Text(header.Machine)}; train it on such a machine, or allow mixed machines"
            )
            {
                Option = nameof(TrainingOptions.MixedMachines),
            };
        }

        StoreFile.Guard(target, () =>
        {
            Directory.CreateDirectory(target);
            foreach (WorkManifest unit in units.Where(unit => !Directory.Exists(Path.Combine(target, unit.Unit))))
            {
                Copy(folder.RunOf(unit), unit.Files, Path.Combine(target, unit.Unit));
            }
        });
    }

    /// <summary>
    /// Moves complete units, and runs that dead processes have left, into the folder of a repeated training.
    /// </summary>
    /// <param name="folder">The folder of the plan.</param>
    /// <param name="target">Folder of the repeated training.</param>
    /// <exception cref="StoreException">A process still works in the folder.</exception>
    public static void Move(WorkFolder folder, string target)
    {
        foreach (WorkUnit unit in folder.ReadHeader()?.Units ?? [])
        {
            string run = Path.Combine(target, unit.Name);
            string? made =
                Directory.Exists(run) ? null
                : folder.IsThere(unit) ? folder.RunOf(folder.Require(unit))
                : Left(folder, unit);
            if (made is not null)
            {
                StoreFile.Guard(target, () => Directory.Move(made, run));
            }
        }
    }

    private static string? Left(WorkFolder folder, WorkUnit unit) =>
        folder.BegunRunsOf(unit).FirstOrDefault(run => !StoreFile.IsOfDeadProcess(run)) is null
            ? folder.LeftRunsOf(unit).FirstOrDefault(UnitWork.CanBeContinued)
            : throw new StoreException(
                folder.Path,
                $"a process still trains the unit {unit.Name}; wait for it, or end it"
            )
            {
                IsPassing = true,
            };

    private static void Copy(string run, IReadOnlyList<WorkFile> files, string target)
    {
        string temporary = StoreFile.TemporaryPathOf(target);
        Directory.CreateDirectory(temporary);
        try
        {
            foreach (WorkFile file in files)
            {
                File.Copy(Path.Combine(run, file.Name), Path.Combine(temporary, file.Name));
            }

            Directory.Move(temporary, target);
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }
}
