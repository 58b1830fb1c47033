using Graft.Prediction;
using Graft.Training;

namespace Graft.Samples.Tests;

/// <summary>The sample whose pictures have several labels.</summary>
public sealed class AssembliesTests
{
    private const long MostBytes = 3_000_000;

    private static readonly string s_folder = Path.Combine(SampleProgram.Folder, "assemblies");

    [Fact]
    public void Its_list_is_read_as_several_labels_a_picture()
    {
        ImageSet set = Load();

        Assert.Equal(ClassificationTask.MultiLabel, set.Task);
        Assert.Equal(["bearing", "bolt", "gear", "nut", "spring", "washer"], set.Classes);
        Assert.Equal((300, 0), (set.Images.Length, set.Rejected.Length));
        Assert.Equal(27, set.Images.Count(image => image.Labels.Count == 0));
        Assert.Equal(188, set.Images.Count(image => image.Labels.Count > 1));
    }

    [Fact]
    public void Each_class_has_its_share_of_a_drawn_validation_part()
    {
        ImageSplit split = Load().Split(cancel: TestContext.Current.CancellationToken);

        Assert.Equal(100, split.Test.Length);
        foreach (string name in split.Classes)
        {
            int all = split.Train.Concat(split.Validation).Count(image => image.Labels.Contains(name));
            int drawn = split.Validation.Count(image => image.Labels.Contains(name));
            Assert.InRange(drawn, (0.15 * all) - 1, (0.15 * all) + 1);
        }
    }

    [Fact]
    public void It_has_at_most_3_MB() =>
        Assert.InRange(
            new DirectoryInfo(s_folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length),
            1,
            MostBytes
        );

    private static ImageSet Load() =>
        ImageSet.Load(Path.Combine(s_folder, "labels.csv"), cancel: TestContext.Current.CancellationToken);
}
