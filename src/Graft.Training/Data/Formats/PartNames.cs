using System.Text.RegularExpressions;

namespace Graft.Training.Data;

/// <summary>
/// Finds the part that a file of another tool is named after: train-00000.tar, instances_val2017.json.
/// </summary>
internal static partial class PartNames
{
    /// <summary>The only part that the name contains as a word; null where there is none, or several.</summary>
    public static ImagePart? In(string name)
    {
        ImagePart[] parts =
        [
            .. Words().Matches(name).Select(word => PartName.Find(word.Value)).OfType<ImagePart>().Distinct(),
        ];
        return parts.Length == 1 ? parts[0] : null;
    }

    [GeneratedRegex("[A-Za-z]+", RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}
