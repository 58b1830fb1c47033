using System.Diagnostics;
using Graft.Training;
using Graft.Training.Data;
using Graft.Training.Doctor;

namespace Graft.Bench;

/// <summary>Puts faults into a set of photographs and counts how many the doctor finds.</summary>
internal static class DoctorBench
{
    private const int Leaks = 20;
    private const double WrongShare = 0.05;

    public static void Run(string csv)
    {
        string folder = Directory.CreateTempSubdirectory("graft-bench-").FullName;
        Stopwatch watch = Stopwatch.StartNew();
        Inspection own = Inspection.Of(ImageSet.Load(csv), new(), 0, null, default);
        Console.WriteLine(
            $"inspection of {own.Set.Images.Length} images: {watch.Elapsed.TotalSeconds:0.0} s; {own.Pairs.Count} pairs of its own, threshold {own.Threshold:0.000}"
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
                $"leak, seed {seed}: {found} of {Leaks} found, {others} other pairs that the set alone does not have"
            );
        }

        watch.Restart();
        PlantedSet wrong = PlantedSet.WrongLabels(csv, folder, WrongShare, 1);
        DataReport report = DataExamination.Run(wrong.Csv, new(), new Silence<TrainingEvent>(), default).Report;
        HashSet<string> suspicious =
        [
            .. report.Labels.Take(report.Labels.Count / 10).Select(opinion => opinion.Image.Name),
        ];
        HashSet<string> flagged =
        [
            .. report.Findings.Where(finding => finding.Kind == FindingKind.WrongLabel).Select(finding => finding.Path),
        ];
        Console.WriteLine(
            $"labels: {wrong.Planted.Count(suspicious.Contains)} of {wrong.Planted.Count} among the {suspicious.Count} most suspicious; flagged {flagged.Count}, of these planted {wrong.Planted.Count(flagged.Contains)}; {watch.Elapsed.TotalSeconds:0} s"
        );
        Finding[] pairs = [.. report.Findings.Where(finding => finding.Kind == FindingKind.NearDuplicate)];
        Console.WriteLine(
            $"near duplicates by sketch and features: {pairs.Length}, feature threshold {report.FeatureThreshold}"
        );
        foreach (Finding pair in pairs.Skip(Math.Max(0, pairs.Length - 60)))
        {
            Console.WriteLine(
                $"  {pair.Score:0.000} {Path.GetFileName(pair.Path)} {Path.GetFileName(pair.Other)} {pair.Scope}"
            );
        }

        Directory.Delete(folder, recursive: true);
    }

    private static string Name(Inspection inspection, NearPair pair) =>
        $"{Path.GetFileName(inspection.Set.Images[pair.First].File)} {Path.GetFileName(inspection.Set.Images[pair.Second].File)}";
}
