using Graft.Infrastructure;

namespace Graft.Tests.Data;

public class NearestNameTests
{
    private static readonly string[] s_known = ["resnet50", "resnet18", "vgg16", "mobilenet_v2"];

    [Theory]
    [InlineData("resnt50", "resnet50")]
    [InlineData("RESNET_50", "resnet50")]
    [InlineData("vgg61", "vgg16")]
    [InlineData("mobilnet_v2", "mobilenet_v2")]
    [InlineData("transformer", null)]
    [InlineData("", null)]
    public void A_mistyped_name_finds_the_intended_name(string typed, string? meant) =>
        Assert.Equal(meant, NearestName.Find(typed, s_known));

    [Theory]
    [InlineData("", "abc", 3)]
    [InlineData("abcd", "abdc", 1)]
    [InlineData("kitten", "sitting", 3)]
    public void Edits_are_counted(string a, string b, int edits) => Assert.Equal(edits, NearestName.Distance(a, b));

    [Fact]
    public void No_names_have_no_nearest_name() => Assert.Null(NearestName.Find("vgg16", []));
}
