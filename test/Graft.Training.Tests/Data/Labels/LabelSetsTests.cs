using Graft.Training.Data;
using Graft.Training.Metrics;

namespace Graft.Training.Tests.Data;

public sealed class LabelSetsTests
{
    private static readonly Dictionary<string, int> Numbers = new()
    {
        ["a"] = 0,
        ["b"] = 1,
        ["c"] = 2,
    };

    [Fact]
    public void Each_row_holds_the_labels_of_an_image()
    {
        TrueLabels sets = LabelSets.Of([Image("a", "c"), Image(), Image("b"), Image("c")], Numbers);

        Assert.Equal((4, 3), (sets.Count, sets.ClassCount));
        Assert.Equal([1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1], sets.Sets.ToArray());
        Assert.True(sets.Has(0, 2));
        Assert.False(sets.Has(1, 2));
        Assert.Equal([1, 1, 2], new[] { 0, 1, 2 }.Select(sets.PositivesOf));
    }

    [Fact]
    public void Some_images_are_sets_of_their_own()
    {
        TrueLabels some = LabelSets.Of([Image("a", "c"), Image(), Image("b")], Numbers).At([2, 0]);

        Assert.Equal([0, 1, 0, 1, 0, 1], some.Sets.ToArray());
        Assert.Equal([1, 1, 1], new[] { 0, 1, 2 }.Select(some.PositivesOf));
    }

    private static LabelledImage Image(params string[] labels) => new(labels, "1.jpg", _ => new(new MemoryStream()));
}
