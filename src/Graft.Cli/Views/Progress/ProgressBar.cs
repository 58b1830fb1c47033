namespace Graft.Cli.Views;

/// <summary>One line for a phase at work, as wide as there is room for.</summary>
internal static class ProgressBar
{
    private const int BarColumns = 24;

    public static string Text(string phase, double done, double total, string speed, int columns)
    {
        double share = total > 0 ? Math.Clamp(done / total, 0, 1) : 0;
        string percent = $"{100 * share:0} %";
        int full = (int)Math.Round(share * BarColumns);
        string bar = new string('━', full) + new string('─', BarColumns - full);
        string[] layouts =
        [
            $"{phase} {bar} {percent}  {speed}",
            $"{phase} {percent}  {speed}",
            $"{phase} {percent}  {speed.Split(", ")[^1]}",
        ];
        return layouts.FirstOrDefault(line => line.Length <= columns) ?? $"{phase} {percent}";
    }
}
