namespace Graft.Bench;

/// <summary>Compares the results of two runs, except for the differences that a list allows.</summary>
internal static class SameRuns
{
    private const string Model = "model.onnx";

    // Only a run with --from has images.csv.
    private static readonly string[] s_files =
    [
        Model,
        "model.json",
        "evaluation.json",
        "doctor.json",
        "options.json",
        "log.jsonl",
        "split.csv",
        "images.csv",
    ];

    /// <summary>Prints the differences.</summary>
    /// <param name="before">Folder of the run with the old names of the list.</param>
    /// <param name="after">Folder of the other run.</param>
    /// <param name="list">Path of a list of <see cref="AllowedDifferences"/>.</param>
    /// <returns>0 if the runs are the same, otherwise 1.</returns>
    public static int Compare(string before, string after, string list)
    {
        AllowedDifferences allowed = AllowedDifferences.Read(list);
        int count = 0;
        foreach (string file in s_files)
        {
            string old = Path.Combine(before, file);
            string now = Path.Combine(after, allowed.FileName(file));
            if (!File.Exists(now))
            {
                now = Path.Combine(after, file);
            }

            count += Differences(file, old, now, allowed);
        }

        return count == 0 ? 0 : 1;
    }

    private static int Differences(string file, string before, string after, AllowedDifferences allowed)
    {
        bool isBefore = File.Exists(before);
        bool isAfter = File.Exists(after);
        if (!isBefore && !isAfter && file != Model)
        {
            return 0;
        }

        if (!isBefore || !isAfter)
        {
            Console.WriteLine(
                $"{file}: {(isBefore ? "only in the first" : isAfter ? "only in the second" : "in no")} run"
            );
            return 1;
        }

        FlatComparison comparison = new(file, allowed);
        comparison.Compare(FlatFile.Read(before), FlatFile.Read(after));
        comparison.Print();
        return comparison.Count;
    }
}
