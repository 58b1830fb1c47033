using System.Diagnostics;
using Graft.Training;
using Graft.Training.Data;

namespace Graft.Bench;

/// <summary>Plants faults in a set of photographs and counts how many the doctor finds.</summary>
internal static class DoctorBench
{
    private const int Leaks = 20;
    private const double WrongShare = 0.05;

    public static void Run(string csv)
    {
        string folder = Directory.CreateTempSubdirectory("graft-bench-").FullName;
        FindLeaks(csv, folder);
        FindWrongLabels(csv, folder);
        Directory.Delete(folder, recursive: true);
    }

    private static void FindLeaks(string csv, string folder)
    {
        Stopwatch watch = Stopwatch.StartNew();
        Inspection own = Inspection.Of(ImageSet.Load(csv), new(), 0, null, default);
        Console.WriteLine(
            $"inspection of {own.Set.Images.Length} images: {watch.Elapsed.TotalSeconds:0.0} s; "
                + $"{own.Pairs.Count} pairs in the original set, threshold {own.Threshold:0.000}"
        );
        HashSet<string> known = [.. own.Pairs.Select(pair => Name(own, pair))];
        for (ulong seed = 1; seed <= 5; seed++)
        {
            PlantedSet planted = PlantedSet.Leak(csv, folder, Leaks, seed);
            Inspection seen = Inspection.Of(ImageSet.Load(planted.Csv), new(), 0, null, default);
            string[] names = [.. seen.Pairs.Select(pair => Name(seen, pair))];
            int found = planted.Planted.Count(leak => names.Any(name => name.Contains(leak, StringComparison.Ordinal)));
            int others = names.Count(name =>
                !known.Contains(name) && !name.Contains("planted", StringComparison.Ordinal)
            );
            Console.WriteLine(
                $"leak, seed {seed}: {found} of {Leaks} found, {others} other pairs that the original set does not have"
            );
        }
    }

    private static void FindWrongLabels(string csv, string folder)
    {
        Stopwatch watch = Stopwatch.StartNew();
        PlantedSet wrong = PlantedSet.WrongLabels(csv, folder, WrongShare, 1);
        DataReport report = DataDoctor.Examine(wrong.Csv);
        HashSet<string> suspicious =
        [
            .. report.Labels.Take(report.Labels.Count / 10).Select(opinion => opinion.Image.Name),
        ];
        HashSet<string> flagged =
        [
            .. report.Findings.Where(finding => finding.Kind == FindingKind.WrongLabel).Select(finding => finding.Path),
        ];
        Console.WriteLine(
            $"labels: {wrong.Planted.Count(suspicious.Contains)} of {wrong.Planted.Count} among the "
                + $"{suspicious.Count} most suspicious; flagged {flagged.Count}, "
                + $"planted of these {wrong.Planted.Count(flagged.Contains)}; "
                + $"{watch.Elapsed.TotalSeconds:0} s"
        );
        Finding[] pairs = [.. report.Findings.Where(finding => finding.Kind == FindingKind.NearDuplicate)];
        Console.WriteLine(
            $"near duplicates by hash and features: {pairs.Length}, feature threshold {report.FeatureThreshold}"
        );
        foreach (Finding pair in pairs.Skip(Math.Max(0, pairs.Length - 60)))
        {
            Console.WriteLine(
                $"  {pair.Score:0.000} {Path.GetFileName(pair.Path)} {Path.GetFileName(pair.Other)} {pair.Scope}"
            );
        }
    }

    private static string Name(Inspection inspection, NearPair pair) =>
        $"{FileName(inspection, pair.First)} {FileName(inspection, pair.Second)}";

    private static string? FileName(Inspection inspection, int image) =>
        Path.GetFileName(inspection.Set.Images[image].File);
}
