namespace Graft.Training;

/// <summary>Collects what is wrong with options, so that all of it is said at once.</summary>
internal static class OptionCheck
{
    public static void Range(List<string> problems, string name, double value, double least, double most)
    {
        if (!(value >= least && value <= most))
        {
            problems.Add($"'{name}' cannot be {value}: it must lie between {least} and {most}");
        }
    }
}
