using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Graft.Infrastructure;

namespace Graft.Training.Extraction;

/// <summary>
/// The folder of a store. Every file in it is complete when it gets its name. Whoever is first to give a name to a
/// manifest wins; nobody needs a lock.
/// </summary>
/// <param name="path">Path of the folder.</param>
internal sealed class StoreFolder(string path)
{
    /// <summary>Name of the merged rows.</summary>
    public const string MergedName = "features.db";

    private const string HeaderName = "store.json";
    private const string PlanName = "plan.json";
    private const string MergedManifestName = "features.json";
    private const string UnitsName = "units";

    /// <summary>Path of the folder.</summary>
    public string Path => path;

    /// <summary>Path of the merged rows.</summary>
    public string MergedPath => In(MergedName);

    /// <summary>Identity of the store; "" where there is none.</summary>
    public string Id => StoreFile.HashOf(In(HeaderName));

    /// <summary>Identity of the plan; "" where there is none.</summary>
    public string PlanId => StoreFile.HashOf(In(PlanName));

    /// <summary>Path of a unit's manifest.</summary>
    public string ManifestPath(string unit) => In(UnitsName, unit + ".json");

    /// <summary>Path of a file with a unit's rows.</summary>
    public string RowsPath(string file) => In(UnitsName, file);

    /// <summary>Creates the folder, and removes what dead processes of this machine left in it.</summary>
    /// <exception cref="StoreException">It cannot be created.</exception>
    public void Create() =>
        Guard(() =>
        {
            Directory.CreateDirectory(In(UnitsName));
            foreach (string left in Leftovers().Where(StoreFile.IsOfDeadProcess))
            {
                File.Delete(left);
            }
        });

    /// <summary>What the store is; null where nobody has begun one.</summary>
    public StoreHeader? ReadHeader() => Read(In(HeaderName), StoreJson.Instance.StoreHeader);

    /// <summary>What the looks decided; null where nobody knows yet.</summary>
    public StorePlan? ReadPlan() => Read(In(PlanName), StoreJson.Instance.StorePlan);

    /// <summary>What is merged; null where nothing is.</summary>
    public MergedManifest? ReadMerged() => Read(In(MergedManifestName), StoreJson.Instance.MergedManifest);

    /// <summary>What a unit is; null where it is not there.</summary>
    public UnitManifest? ReadUnit(string unit) => Read(ManifestPath(unit), StoreJson.Instance.UnitManifest);

    /// <summary>Writes what the store is, unless another process was first.</summary>
    public void Write(StoreHeader header) => Publish(In(HeaderName), header, StoreJson.Instance.StoreHeader);

    /// <summary>Writes what the looks decided, unless another process was first.</summary>
    public void Write(StorePlan plan) => Publish(In(PlanName), plan, StoreJson.Instance.StorePlan);

    /// <summary>Writes a unit's manifest, unless another process was first.</summary>
    public void Write(UnitManifest unit) => Publish(ManifestPath(unit.Unit), unit, StoreJson.Instance.UnitManifest);

    /// <summary>Writes the manifest of the merged rows in place of an earlier one.</summary>
    public void Write(MergedManifest merged) =>
        Guard(() =>
            AtomicFile.Write(
                In(MergedManifestName),
                JsonSerializer.SerializeToUtf8Bytes(merged, StoreJson.Instance.MergedManifest)
            )
        );

    /// <summary>Names of the manifests in the folder of the units, without their ending.</summary>
    public IReadOnlyList<string> UnitNames() =>
        Directory.Exists(In(UnitsName))
            ? [.. Names("*.json").Select(System.IO.Path.GetFileNameWithoutExtension).OfType<string>().Order()]
            : [];

    /// <summary>Removes a manifest of a unit whose rows are torn, so that it can be made again.</summary>
    public void Remove(UnitManifest unit) => Guard(() => File.Delete(ManifestPath(unit.Unit)));

    /// <summary>
    /// Removes files that belong to no unit. A process that still writes one of them finds its unit complete.
    /// </summary>
    /// <param name="used">Names of the files of the units.</param>
    public void RemoveOthers(IReadOnlySet<string> used) =>
        Guard(() =>
        {
            IEnumerable<string> others = Names("*.db").Where(file => !used.Contains(System.IO.Path.GetFileName(file)));
            foreach (string file in Leftovers().Concat(others).ToList())
            {
                File.Delete(file);
            }
        });

    private string In(params ReadOnlySpan<string> names) => System.IO.Path.Combine([path, .. names]);

    private string[] Names(string pattern) => Directory.GetFiles(In(UnitsName), pattern);

    private string[] Leftovers() =>
        [.. Names("*" + StoreFile.Ending), .. Directory.GetFiles(path, "*" + StoreFile.Ending)];

    private T? Read<T>(string file, JsonTypeInfo<T> type)
        where T : class => StoreFile.Read(path, file, bytes => JsonSerializer.Deserialize(bytes, type));

    private void Publish<T>(string file, T value, JsonTypeInfo<T> type) => StoreFile.Publish(path, file, value, type);

    private void Guard(Action work) => StoreFile.Guard(path, work);
}
