using System.Text;
using Graft.Training.Data;

namespace Graft.Training.Tests.Data;

public sealed class GroupTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private int pictures;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_folder_below_the_class_is_a_group()
    {
        Patients(12, (patient, label) => $"{label}/p{patient:00}");

        ImageSet set = Load(DataOptions.ByFolder);

        Assert.Equal("p00", set.Images[0].Group);
        Assert.Equal(12, set.Images.Select(image => image.Group).Distinct().Count());
        Assert.Contains("12 groups of images", Assert.Single(set.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void An_expression_finds_the_group_in_the_path()
    {
        Patients(12, (patient, label) => $"{label}/p{patient:00}-");

        ImageSet set = Load(@"(p\d+)-");

        Assert.Equal("p03", set.Images.First(image => image.Name == "benign/p03-0.jpg").Group);
    }

    [Fact]
    public void A_group_stays_on_one_side_also_where_it_holds_several_classes()
    {
        Patients(20, (patient, label) => $"{label}/p{patient:00}");

        for (int seed = 0; seed < 10; seed++)
        {
            ImageSplit split = ImageSplit.Create(Load(DataOptions.ByFolder), new() { Seed = seed });

            Assert.All(
                split.Images.GroupBy(image => image.Group),
                group => Assert.Single(group.Select(image => image.Part).Distinct())
            );
            Assert.All(
                split.Images.GroupBy(image => image.Part),
                part => Assert.Equal(["benign", "malignant"], part.Select(image => image.Label).Distinct().Order())
            );
            Assert.InRange(split.Test.Length, 6, 24);
            Assert.InRange(split.Validation.Length, 6, 24);
            Assert.Empty(split.Warnings);
        }
    }

    [Fact]
    public void Too_few_groups_are_refused_with_the_option()
    {
        Patients(2, (patient, label) => $"{label}/p{patient:00}");

        GraftException error = Assert.Throws<GraftException>(() => ImageSplit.Create(Load(DataOptions.ByFolder)));

        Assert.Contains("the class 'benign' lies in 2 groups", error.Message, StringComparison.Ordinal);
        Assert.Equal("Data.GroupBy", error.Option);
    }

    [Fact]
    public void An_expression_that_is_found_nowhere_is_refused_with_an_example()
    {
        Patients(3, (patient, label) => $"{label}/p{patient:00}-");

        GraftException error = Assert.Throws<GraftException>(() => Load(@"day(\d+)"));

        Assert.Contains("is found in no image's name, such as 'benign/p00", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(", "neither 'folder' nor a regular expression")]
    [InlineData(@"p\d+", "the expression has no group")]
    [InlineData(@"(a)\1", "neither 'folder' nor a regular expression")]
    public void Expressions_that_cannot_be_used_are_named(string expression, string reason)
    {
        Patients(3, (patient, label) => $"{label}/p{patient:00}");

        OptionsException error = Assert.Throws<OptionsException>(() => Load(expression));

        Assert.Equal("Data.GroupBy", Assert.Single(error.Problems).Property);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_group_column_of_a_list_comes_first_and_split_csv_keeps_it()
    {
        StringBuilder csv = new("path,label,group\n");
        for (int i = 0; i < 24; i++)
        {
            folder.Write($"img/d{i / 2}/{i}.jpg", ImageSetTests.Picture(i));
            csv.Append($"img/d{i / 2}/{i}.jpg,{(i % 2 == 0 ? "a" : "b")},{(i < 4 ? "burst" : "")}\n");
        }

        ImageSetOptions options = new() { Data = new() { GroupBy = DataOptions.ByFolder } };
        ImageSet set = Sets.Load(folder.Write("list.csv", csv.ToString()), options);
        ImageSplit split = ImageSplit.Create(set);
        string path = Path.Combine(folder.Root, "split.csv");
        SplitFile.Write(split, path);

        Assert.Equal(4, set.Images.Count(image => image.Group == "burst"));
        Assert.Equal(2, set.Images.Count(image => image.Group == "d7"));
        Assert.StartsWith("path,label,split,group\n", File.ReadAllText(path), StringComparison.Ordinal);
        Assert.Equal("burst", SplitFile.ReadRows(path)["img/d0/0.jpg"].Group);
        Assert.Equal(split.Images, SplitFile.Read(path, set).Images);
    }

    [Fact]
    public void A_run_that_goes_on_from_another_keeps_groups_and_its_own_encoding()
    {
        Patients(12, (patient, label) => $"{label}/p{patient:00}-");
        DataPlan plan = new()
        {
            Reading = new() { GroupBy = "(p\\d+)-", Encoding = "windows-1252" },
        };

        (byte[] csv, IReadOnlyList<Notice> notices) = CombinedImages.Combine(
            folder.Root,
            Path.Combine(folder.Root, "model.onnx"),
            ["benign", "malignant"],
            plan,
            TestContext.Current.CancellationToken
        );
        ImageSet set = Sets.Load(folder.Write("images.csv", csv), new() { Data = plan.Reading });

        Assert.Equal(12, set.Images.Select(image => image.Group).Distinct().Count());
        Assert.StartsWith("\uFEFFpath,label,split,group\n", Encoding.UTF8.GetString(csv), StringComparison.Ordinal);
        Assert.Contains(notices, notice => notice.Text.StartsWith("12 groups of images", StringComparison.Ordinal));
    }

    private ImageSet Load(string groupBy) => Sets.Load(folder.Root, new() { Data = new() { GroupBy = groupBy } });

    // Three images of each class for every patient.
    private void Patients(int count, Func<int, string, string> nameOf)
    {
        for (int patient = 0; patient < count; patient++)
        {
            foreach (string label in new[] { "benign", "malignant" })
            {
                string name = nameOf(patient, label);
                for (int i = 0; i < 3; i++)
                {
                    string path = name.EndsWith('-') ? $"{name}{i}.jpg" : $"{name}/{i}.jpg";
                    folder.Write(path, ImageSetTests.Picture(pictures++));
                }
            }
        }
    }
}
