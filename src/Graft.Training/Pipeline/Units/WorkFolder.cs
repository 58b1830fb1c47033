using System.Text.Json;
using Graft.Infrastructure;
using Graft.Training.Extraction;
using Graft.Training.Run;

namespace Graft.Training.Pipeline;

/// <summary>
/// The folder of planned trainings. A unit is a complete run: its folder gets its name by one renaming, then comes its
/// manifest. Whoever is first to name the manifest wins, so nobody needs a lock.
/// </summary>
/// <param name="path">Path of the folder.</param>
internal sealed class WorkFolder(string path)
{
    private const string HeaderName = "work.json";
    private const string UnitsName = "work";
    private const int HashDigits = 16;

    private readonly string _units = System.IO.Path.Combine(path, UnitsName);

    /// <summary>Path of the folder.</summary>
    public string Path => path;

    /// <summary>Identity of the work; "" where nothing is planned.</summary>
    public string Id => StoreFile.HashOf(HeaderPath);

    private string HeaderPath => System.IO.Path.Combine(path, HeaderName);

    /// <summary>Creates the folder.</summary>
    /// <exception cref="StoreException">It cannot be created.</exception>
    public void Create() => StoreFile.Guard(path, () => Directory.CreateDirectory(_units));

    /// <summary>What is planned; null where nothing is.</summary>
    public WorkHeader? ReadHeader() =>
        StoreFile.Read(path, HeaderPath, bytes => JsonSerializer.Deserialize(bytes, WorkJson.Instance.WorkHeader));

    /// <summary>What is planned.</summary>
    /// <exception cref="StoreException">Nothing is, or another version of Graft planned it.</exception>
    public WorkHeader RequireHeader()
    {
        WorkHeader header = ReadHeader()
            ?? throw new StoreException(path, "no training is planned in it; plan one, or name another folder");
        return header.Version == WorkHeader.CurrentVersion && header.Graft == WorkHeader.OwnGraft
            ? header
            : throw new StoreException(
                path,
                $"Graft {Printable.Text(header.Graft)} planned it, and this is {WorkHeader.OwnGraft}; use one version"
            );
    }

    /// <summary>Writes what is planned, unless another process was first.</summary>
    public void Write(WorkHeader header) =>
        StoreFile.Publish(path, HeaderPath, header, WorkJson.Instance.WorkHeader);

    /// <summary>A path for a run of this process that is not complete.</summary>
    public string NewRunOf(WorkUnit unit) =>
        StoreFile.TemporaryPathOf(System.IO.Path.Combine(_units, unit.Name));

    /// <summary>Runs of a unit that processes of this machine began before they ended.</summary>
    public IReadOnlyList<string> LeftRunsOf(WorkUnit unit) => [.. BegunRunsOf(unit).Where(StoreFile.IsOfDeadProcess)];

    /// <summary>Runs of a unit that are not complete.</summary>
    public IReadOnlyList<string> BegunRunsOf(WorkUnit unit) => Folders($"{unit.Name}~*{StoreFile.Ending}");

    /// <summary>Path of the complete run of a unit that is there.</summary>
    public string RunOf(WorkManifest manifest) => System.IO.Path.Combine(_units, manifest.Folder);

    /// <summary>True where a unit has been published, whole or not.</summary>
    public bool IsNamed(WorkUnit unit) => File.Exists(ManifestPath(unit));

    /// <summary>True where a unit is there and whole. A torn one is removed, so that it can be made again.</summary>
    /// <exception cref="StoreException">The unit belongs to other work.</exception>
    public bool IsThere(WorkUnit unit)
    {
        if (Read(unit) is not WorkManifest manifest)
        {
            return false;
        }

        RequireOwn(unit, manifest);
        if (IsWhole(manifest))
        {
            return true;
        }

        StoreFile.Guard(path, () => File.Delete(ManifestPath(unit)));
        return false;
    }

    /// <summary>The manifest of a unit that is there and whole.</summary>
    /// <exception cref="StoreException">The unit is missing, torn, or belongs to other work.</exception>
    public WorkManifest Require(WorkUnit unit)
    {
        WorkManifest manifest = Read(unit)
            ?? throw new StoreException(path, $"the unit {unit.Name} is missing; do its share of the work");
        RequireOwn(unit, manifest);
        return IsWhole(manifest)
            ? manifest
            : throw new StoreException(
                path,
                $"the unit {unit.Name} is torn: its files are not what its manifest says; do its share of the work "
                    + "again"
            );
    }

    /// <summary>Refuses units that the work does not have.</summary>
    /// <exception cref="StoreException">There is one.</exception>
    public void RequireNoOthers(WorkHeader header)
    {
        HashSet<string> known = [.. header.Units.Select(unit => unit.Name)];
        string[] others =
        [
            .. Directory
                .GetFiles(_units, "*.json")
                .Select(System.IO.Path.GetFileNameWithoutExtension)
                .OfType<string>()
                .Where(name => !known.Contains(name))
                .Order(StringComparer.Ordinal),
        ];
        if (others is [var first, ..])
        {
            throw Foreign(first, "it is not planned");
        }
    }

    /// <summary>Publishes a complete run as a unit. If another process was first, its unit stays.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="run">Folder of the run, which moves.</param>
    /// <param name="machine">Libraries and instruction set that trained.</param>
    /// <exception cref="StoreException">The disk refuses it.</exception>
    public void Publish(WorkUnit unit, string run, string machine) =>
        StoreFile.Guard(path, () =>
        {
            IReadOnlyList<WorkFile> files = FilesOf(run);
            string hash = HashOf(files);
            WorkManifest manifest = new(unit.Name, Id, $"{unit.Name}.{hash[..HashDigits]}", hash, files, machine);
            FaultPoint.Hit("unit-made", unit.Name);
            if (Directory.Exists(RunOf(manifest)))
            {
                Directory.Delete(run, recursive: true); // the same bytes are there
            }
            else
            {
                Directory.Move(run, RunOf(manifest));
            }

            FaultPoint.Hit("unit-named", unit.Name);
            StoreFile.Publish(path, ManifestPath(unit), manifest, WorkJson.Instance.WorkManifest);
            string winner = Read(unit)?.Folder ?? manifest.Folder;
            foreach (string other in Folders($"{unit.Name}.*").Where(one => System.IO.Path.GetFileName(one) != winner))
            {
                Directory.Delete(other, recursive: true);
            }
        });

    private WorkManifest? Read(WorkUnit unit) =>
        StoreFile.Read(path, ManifestPath(unit), bytes =>
            JsonSerializer.Deserialize(bytes, WorkJson.Instance.WorkManifest)
        );

    private string ManifestPath(WorkUnit unit) => System.IO.Path.Combine(_units, unit.Name + ".json");

    private string[] Folders(string pattern) =>
        Directory.Exists(_units) ? Directory.GetDirectories(_units, pattern) : [];

    private bool IsWhole(WorkManifest manifest) =>
        // a name with a folder in it is not from here
        System.IO.Path.GetFileName(manifest.Folder) == manifest.Folder
        && Directory.Exists(RunOf(manifest))
        && HashOf(manifest.Files) == manifest.Sha256
        && FilesOf(RunOf(manifest)).SequenceEqual(manifest.Files);

    private static IReadOnlyList<WorkFile> FilesOf(string run) =>
        [
            .. new DirectoryInfo(run)
                .GetFiles()
                .OrderBy(file => file.Name, StringComparer.Ordinal)
                .Select(file => new WorkFile(file.Name, file.Length, StoreFile.HashOf(file.FullName))),
        ];

    private static string HashOf(IEnumerable<WorkFile> files) => Fingerprint.OfLines(files.Select(file => file.Line));

    private void RequireOwn(WorkUnit unit, WorkManifest manifest)
    {
        if (manifest.Unit != unit.Name || manifest.Work != Id)
        {
            throw Foreign(unit.Name, "it was made for other images or options");
        }
    }

    private StoreException Foreign(string unit, string reason) =>
        new(
            path,
            $"the unit {Printable.Text(unit)} is foreign: {reason}; delete its manifest "
                + $"{UnitsName}/{Printable.Text(unit)}.json"
        );
}
