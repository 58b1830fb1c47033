using System.Text.RegularExpressions;
using Graft.Infrastructure;

namespace Graft.Training;

/// <summary>How folders and lists of images are read.</summary>
public sealed record DataOptions
{
    /// <summary>Value of <see cref="GroupBy"/> that makes each folder below a class a group.</summary>
    public const string ByFolder = "folder";

    /// <summary>What the folders are.</summary>
    public DataLayout Layout { get; init; }

    /// <summary>
    /// True: a class folder without a usable image is left out with a warning. False: it stops the reading.
    /// </summary>
    public bool SkipEmptyClasses { get; init; }

    /// <summary>
    /// Encoding of text files that have no byte order mark, such as windows-1252. Null: UTF-8.
    /// </summary>
    public string? Encoding { get; init; }

    /// <summary>
    /// What keeps images together in every split: "folder" for the folder below the class, or a regular expression
    /// whose first group, found in an image's name, names its group. Null: the group column of a list, or nothing.
    /// </summary>
    public string? GroupBy { get; init; }

    /// <summary>
    /// True: each box of COCO annotations becomes an image of its own, with the box's category as class. Boxes of one
    /// picture are a group. False: a picture of several categories stops the reading.
    /// </summary>
    public bool CropBoxes { get; init; }

    internal void Check(OptionProblems problems)
    {
        if (!Enum.IsDefined(Layout))
        {
            problems.Add(nameof(Layout), $"{Layout}", "it is auto, parts or classes");
        }

        if (Encoding is not null && !TextFile.IsEncoding(Encoding))
        {
            problems.Add(nameof(Encoding), Encoding, "no encoding has this name; write one such as windows-1252");
        }

        if (GroupBy is not null and not ByFolder && Problem(GroupBy) is string problem)
        {
            problems.Add(nameof(GroupBy), GroupBy, problem);
        }
    }

    /// <summary>The expression of <see cref="GroupBy"/>. It takes linear time on any name.</summary>
    internal static Regex Expression(string groupBy) =>
        new(groupBy, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    private static string? Problem(string groupBy)
    {
        try
        {
            return Expression(groupBy).GetGroupNumbers().Length > 1
                ? null
                : "the expression has no group; put parentheses around what names the group, as in patient-(\\d+)";
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            return $"it is neither '{ByFolder}' nor a regular expression that Graft reads "
                + $"({error.Message.TrimEnd('.')}); correct it";
        }
    }
}
