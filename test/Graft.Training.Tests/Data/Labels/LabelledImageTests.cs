namespace Graft.Training.Tests.Data;

public sealed class LabelledImageTests
{
    private static readonly Func<CancellationToken, ValueTask<Stream>> Open = _ => new(new MemoryStream());

    [Fact]
    public void Labels_are_distinct_and_in_ordinal_order()
    {
        LabelledImage image = new(["nut", "Bolt", "nut", "clip"], "1.jpg", Open);

        Assert.Equal(["Bolt", "clip", "nut"], image.Labels);
        Assert.Equal("Bolt;clip;nut", image.Label);
    }

    [Fact]
    public void No_label_is_an_empty_text_and_one_label_is_itself()
    {
        Assert.Equal("", new LabelledImage([], "1.jpg", Open).Label);
        Assert.Equal("nut", new LabelledImage(["nut"], "1.jpg", Open).Label);
        Assert.Equal(["nut"], new LabelledImage("nut", "1.jpg", Open).Labels);
    }

    [Fact]
    public void Images_are_equal_when_their_labels_have_the_same_content()
    {
        LabelledImage one = new(["nut", "bolt"], "1.jpg", Open);

        Assert.Equal(one, one with { Labels = ["bolt", "nut"] });
        Assert.NotEqual(one, one with { Labels = ["nut"] });
        Assert.NotEqual(one, one with { Labels = ["bolt;nut"] });
        Assert.Equal(one.GetHashCode(), (one with { Labels = ["bolt", "nut"] }).GetHashCode());
    }

    [Fact]
    public void A_new_label_replaces_all_labels() =>
        Assert.Equal(["clip"], (new LabelledImage(["nut", "bolt"], "1.jpg", Open) with { Label = "clip" }).Labels);

    [Fact]
    public void An_empty_label_is_refused() =>
        Assert.Throws<ArgumentException>("labels", () => new LabelledImage(["nut", ""], "1.jpg", Open));
}
