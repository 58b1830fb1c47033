namespace Graft.Training.Tests.Data;

public sealed class ClassNamesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private int pictures;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Twins_in_different_parts_are_named_beside_each_other()
    {
        Add("train/bolt/1.jpg", "train/bolt/2.jpg", "train/nut/1.jpg", "train/nut/2.jpg");
        Add("test/Bolt/1.jpg", "test/Bolt/2.jpg", "test/nut/1.jpg");

        ImageSet set = Sets.Load(folder.Root);
        GraftException error = Assert.Throws<GraftException>(() => ImageSplit.Create(set));

        const string Expected = "the classes 'Bolt' and 'bolt' are spelt alike";
        Assert.Contains(Expected, Assert.Single(set.Warnings), StringComparison.Ordinal);
        Assert.Contains(Expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_small_twin_is_named_before_its_size()
    {
        Add("red fox/1.jpg", "red fox/2.jpg", "nut/1.jpg", "nut/2.jpg", "red_fox/1.jpg");

        Assert.Contains(
            "the classes 'red_fox' and 'red fox' are spelt alike",
            Assert.Throws<GraftException>(() => Sets.Load(folder.Root)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Letters_in_capitals_and_small_may_be_classes()
    {
        Add("A/1.jpg", "A/2.jpg", "a/1.jpg", "a/2.jpg");

        Assert.Equal(["A", "a"], Sets.Load(folder.Root).Classes);
    }

    [Fact]
    public void Classes_that_differ_in_spaces_alone_are_refused()
    {
        Add("bolt/1.jpg", "bolt/2.jpg", "bolt /1.jpg", "bolt /2.jpg");

        Assert.Contains(
            "the classes 'bolt' and 'bolt ' differ in spaces alone",
            Assert.Throws<GraftException>(() => Sets.Load(folder.Root)).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("R\u00E4der", "Ra\u0308der")]
    [InlineData("Ti\u1EBFng", "Tie\u0302\u0301ng")]
    [InlineData("\uD55C\uAE00", "\u1112\u1161\u11AB\u1100\u1173\u11AF")]
    [InlineData("\u30AC", "\u30AB\u3099")]
    public void Composed_and_decomposed_names_are_one_class(string composed, string decomposed)
    {
        Add($"train/{composed}/1.jpg", $"train/{composed}/2.jpg", "train/nut/1.jpg", "train/nut/2.jpg");
        Add($"test/{decomposed}/1.jpg", "test/nut/1.jpg");

        ImageSet set = Sets.Load(folder.Root);

        Assert.Equal(new[] { composed, "nut" }.Order(StringComparer.Ordinal), set.Classes);
        Assert.Equal(3, set.Images.Count(image => image.Label == composed));
        Assert.Contains("2 Unicode forms", Assert.Single(set.Notes), StringComparison.Ordinal);
    }

    private void Add(params string[] paths) =>
        Array.ForEach(paths, path => folder.Write(path, ImageSetTests.Picture(pictures++)));
}
