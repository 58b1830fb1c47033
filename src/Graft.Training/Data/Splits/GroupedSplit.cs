using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>
/// Draws parts from groups whose images are of several classes, such as patients with sick and healthy tissue. Each
/// part gets about its share of every class, and no group is divided.
/// </summary>
internal sealed class GroupedSplit
{
    private readonly ImageSet set;
    private readonly List<CopyGroup> groups;

    // by class: groups that are not drawn yet, their images, and the images of the part that is being drawn
    private readonly Dictionary<string, int> openGroups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> openImages = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> taken = new(StringComparer.Ordinal);

    private GroupedSplit(ImageSet set, IEnumerable<CopyGroup> groups)
    {
        (this.set, this.groups) = (set, [.. groups.Order()]);
        foreach (string name in set.Classes)
        {
            openGroups[name] = this.groups.Count(group => group.CountOf(name) > 0);
            openImages[name] = this.groups.Sum(group => group.CountOf(name));
        }
    }

    /// <summary>Sets the part of each group.</summary>
    /// <param name="set">The images.</param>
    /// <param name="pool">The groups to draw from.</param>
    /// <param name="drawn">The parts to draw.</param>
    /// <param name="options">The shares of the parts.</param>
    /// <exception cref="GraftException">A class lies in too few groups.</exception>
    public static void Divide(ImageSet set, List<CopyGroup> pool, ImagePart[] drawn, SplitOptions options)
    {
        GroupedSplit split = new(set, pool);
        if (set.Classes.FirstOrDefault(name => split.openGroups[name] < drawn.Length + 1) is string name)
        {
            throw split.TooFew(name, drawn);
        }

        for (int i = 0; i < drawn.Length; i++)
        {
            double share = drawn[i] == ImagePart.Test ? options.TestShare : options.ValidationShare;
            split.Draw(drawn[i], share, leave: drawn.Length - i, drawn);
        }
    }

    // Takes what fits for every class it holds, then the least unfitting groups for classes that are still missing.
    private void Draw(ImagePart part, double share, int leave, ImagePart[] drawn)
    {
        Dictionary<string, int> wanted = set.Classes.ToDictionary(
            name => name,
            name => Math.Max(1, (int)Math.Round(openImages[name] * share, MidpointRounding.AwayFromZero))
        );
        taken.Clear();
        foreach (CopyGroup group in groups)
        {
            if (group.Part == ImagePart.Train && Excess(group, wanted) == 0 && Leaves(group, leave))
            {
                Take(group, part);
            }
        }

        foreach (string name in set.Classes.Where(name => taken.GetValueOrDefault(name) == 0))
        {
            CopyGroup least =
                groups
                    .Where(group => group.Part == ImagePart.Train && group.CountOf(name) > 0 && Leaves(group, leave))
                    .MinBy(group => (Excess(group, wanted), group.Images.Count))
                ?? throw TooFew(name, drawn);
            Take(least, part);
        }
    }

    private void Take(CopyGroup group, ImagePart part)
    {
        group.Part = part;
        foreach (string name in group.Labels)
        {
            openGroups[name]--;
            openImages[name] -= group.CountOf(name);
            taken[name] = taken.GetValueOrDefault(name) + group.CountOf(name);
        }
    }

    private int Excess(CopyGroup group, Dictionary<string, int> wanted) =>
        group.Labels.Sum(name => Math.Max(0, taken.GetValueOrDefault(name) + group.CountOf(name) - wanted[name]));

    // Enough groups stay open for each class of this one.
    private bool Leaves(CopyGroup group, int leave) => group.Labels.All(name => openGroups[name] > leave);

    private GraftException TooFew(string name, ImagePart[] drawn)
    {
        string count = $"{openGroups[name]} {(openGroups[name] == 1 ? "group" : "groups")}";
        return new(
            $"'{Printable.Text(set.Source)}' cannot be split: the class '{Printable.Text(name)}' lies in {count} that "
                + $"can be drawn from, and {drawn.Length + 1} are the least to draw "
                + $"{string.Join(" and ", drawn.Select(PartName.Of).Append("train"))} from; "
                + "add groups, group more finely, or name the parts in the data"
        )
        {
            Option = $"{nameof(TrainingOptions.Data)}.{nameof(DataOptions.GroupBy)}",
        };
    }
}
