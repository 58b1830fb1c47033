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

    private GroupedSplit(ImageSet set, IEnumerable<CopyGroup> groups) =>
        (this.set, this.groups) = (set, [.. groups.Order()]);

    /// <summary>Sets the part of each group.</summary>
    /// <param name="set">The images.</param>
    /// <param name="pool">The groups to draw from.</param>
    /// <param name="drawn">The parts to draw.</param>
    /// <param name="options">The shares of the parts.</param>
    /// <exception cref="GraftException">A class lies in too few groups.</exception>
    public static void Divide(ImageSet set, List<CopyGroup> pool, ImagePart[] drawn, SplitOptions options)
    {
        GroupedSplit split = new(set, pool);
        foreach (string name in set.Classes)
        {
            int count = split.groups.Count(group => group.CountOf(name) > 0);
            if (count < drawn.Length + 1)
            {
                throw split.TooFew(name, count, drawn);
            }
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
            name =>
            {
                int open = Open.Sum(group => group.CountOf(name));
                return Math.Max(1, (int)Math.Round(open * share, MidpointRounding.AwayFromZero));
            }
        );
        foreach (CopyGroup group in groups.Where(group => group.Part == ImagePart.Train))
        {
            if (Excess(group, part, wanted) == 0 && Leaves(group, leave))
            {
                group.Part = part;
            }
        }

        foreach (string name in set.Classes.Where(name => Taken(name, part) == 0))
        {
            CopyGroup least =
                Open.Where(group => group.CountOf(name) > 0 && Leaves(group, leave))
                    .MinBy(group => (Excess(group, part, wanted), group.Images.Count))
                ?? throw TooFew(name, Open.Count(group => group.CountOf(name) > 0), drawn);
            least.Part = part;
        }
    }

    private IEnumerable<CopyGroup> Open => groups.Where(group => group.Part == ImagePart.Train);

    private int Taken(string name, ImagePart part) =>
        groups.Where(group => group.Part == part).Sum(group => group.CountOf(name));

    private int Excess(CopyGroup group, ImagePart part, Dictionary<string, int> wanted) =>
        group.Labels.Sum(name => Math.Max(0, Taken(name, part) + group.CountOf(name) - wanted[name]));

    // Enough groups stay open for each class of this one.
    private bool Leaves(CopyGroup group, int leave) =>
        group.Labels.All(name => Open.Count(other => other.CountOf(name) > 0) > leave);

    private GraftException TooFew(string name, int count, ImagePart[] drawn) =>
        new(
            $"'{Printable.Text(set.Source)}' cannot be split: the class '{Printable.Text(name)}' lies in {count} "
                + $"{(count == 1 ? "group" : "groups")} that can be drawn from, and {drawn.Length + 1} are the least "
                + $"to draw {string.Join(" and ", drawn.Select(PartName.Of).Append("train"))} from; "
                + "add groups, group more finely, or name the parts in the data"
        )
        {
            Option = $"{nameof(TrainingOptions.Data)}.{nameof(DataOptions.GroupBy)}",
        };
}
