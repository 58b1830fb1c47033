using Graft.Imaging;
using Graft.Training.Data;

namespace Graft.Training.Tests.Data;

public sealed class FolderLayoutTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private int pictures;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("train", "dev")]
    [InlineData("Training", "Testing")]
    [InlineData("train_set", "test_set")]
    [InlineData("seg_train", "seg_test")]
    [InlineData("TRAIN", "VAL")]
    [InlineData("TrainImages", "TestImages")]
    [InlineData("training-data-2017", "validation-data-2017")]
    [InlineData("trainset", "testset")]
    [InlineData("flowers_train", "flowers_test")]
    [InlineData("1_train", "2_test")]
    [InlineData("trainval", "test")]
    [InlineData("Development Set", "Training Set")]
    public void Names_of_parts_are_known_in_many_spellings(string train, string other)
    {
        Add($"{train}/a/1.jpg", $"{train}/a/2.jpg", $"{train}/b/1.jpg", $"{train}/b/2.jpg");
        Add($"{other}/a/1.jpg", $"{other}/b/1.jpg");

        ImageSet set = Sets.Load(folder.Root);

        Assert.Equal(["a", "b"], set.Classes);
        Assert.Equal(2, set.Images.Select(image => image.Part).Distinct().Count());
        Assert.DoesNotContain(set.Images, image => image.Part is null);
    }

    [Fact]
    public void Folders_without_images_do_not_blur_the_names_of_parts()
    {
        Add("flowers_train/a/1.jpg", "flowers_train/b/1.jpg", "flowers_test/a/1.jpg", "flowers_test/b/1.jpg");
        folder.Write("docs/notes.txt", "x"u8.ToArray());
        Directory.CreateDirectory(Path.Combine(folder.Root, "flowers_val"));
        Directory.CreateDirectory(Path.Combine(folder.Root, "valid"));

        ImageSet set = Sets.Load(folder.Root);

        Assert.Equal(["a", "b"], set.Classes);
        Assert.Equal(["the folder 'valid' is named as a part and holds no images"], set.Warnings);
    }

    [Fact]
    public void Val_and_test_alone_are_parts()
    {
        Add("val/a/1.jpg", "val/b/1.jpg", "test/a/1.jpg", "test/b/1.jpg");

        ImageSet set = Sets.Load(folder.Root);

        Assert.Equal(["a", "b"], set.Classes);
        GraftException error = Assert.Throws<GraftException>(() => ImageSplit.Create(set));
        Assert.Contains("all its images are for val and test", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_test_folder_alone_is_a_part()
    {
        Add("test/a/1.jpg", "test/b/1.jpg");

        ImageSet set = Sets.Load(folder.Root, new() { LeastImages = 1 });

        Assert.Equal(["a", "b"], set.Classes);
        Assert.All(set.Images, image => Assert.Equal(ImagePart.Test, image.Part));
    }

    [Fact]
    public void Flat_folders_called_like_parts_are_classes_only_on_request()
    {
        Add("train/1.jpg", "train/2.jpg", "test1/3.jpg", "test1/4.jpg");

        GraftException error = AssertRefused("'test1' and 'train' are named as parts of a data set");

        Assert.Equal("Data.Layout", error.Option);
        Assert.Equal(["test1", "train"], Load(DataLayout.Classes).Classes);
    }

    [Fact]
    public void A_part_without_folders_of_classes_is_named_with_the_way_to_leave_it_out()
    {
        Add("train/a/1.jpg", "train/a/2.jpg", "train/b/1.jpg", "train/b/2.jpg", "test/1.jpg", "test/2.jpg");

        _ = AssertRefused("'test' holds 2 images and no folders of classes, so they have no labels; list 'test/'");

        folder.Write("ignore.txt", "test/"u8.ToArray());
        Assert.Equal(4, Sets.Load(folder.Root).Images.Length);
    }

    [Fact]
    public void Folders_of_any_name_that_hold_the_same_folders_are_read_on_request_only()
    {
        foreach (string top in new[] { "day1", "day2" })
        {
            Add($"{top}/a/1.jpg", $"{top}/a/2.jpg", $"{top}/b/1.jpg", $"{top}/b/2.jpg");
        }

        GraftException error = AssertRefused(
            "'day1' and 'day2' hold the same folders ('a' and 'b'), so they are either 2 classes, or parts of a data"
        );

        Assert.Equal("Data.Layout", error.Option);
        Assert.Equal(["day1", "day2"], Load(DataLayout.Classes).Classes);
        ImageSet parts = Load(DataLayout.Parts);
        Assert.Equal(["a", "b"], parts.Classes);
        Assert.All(parts.Images, image => Assert.Null(image.Part));
        Assert.Contains("'day1' is no name of a part", parts.Warnings[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_may_lie_in_the_folders_of_the_classes()
    {
        foreach (string name in new[] { "a", "b" })
        {
            Add($"{name}/train/1.jpg", $"{name}/train/deep/2.jpg", $"{name}/test/3.jpg");
        }

        ImageSet set = Sets.Load(folder.Root);

        Assert.Equal(["a", "b"], set.Classes);
        Assert.Equal(4, set.Images.Count(image => image.Part == ImagePart.Train));
        Assert.Equal(2, set.Images.Count(image => image.Part == ImagePart.Test));
        Assert.Contains("are parts: 'test' and 'train'", Assert.Single(set.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_beside_a_folder_without_labels_is_no_class()
    {
        Add("train/a/1.jpg", "train/a/2.jpg", "train/b/1.jpg", "unlabeled/1.jpg", "unlabeled/2.jpg");

        _ = AssertRefused("beside 'train' lies 'unlabeled' with images in it");
    }

    [Fact]
    public void Ten_thousand_classes_with_folders_in_them_are_laid_out()
    {
        FolderFile[] files =
        [
            .. Enumerable.Range(0, 20_000).Select(i => new FolderFile($"class {i / 2}/{i:x}/1.jpg", "")),
        ];
        ListedFolder[] folders =
        [
            .. files
                .Select(file => file.Path)
                .SelectMany(path => new[] { path[..path.IndexOf('/')], path[..path.LastIndexOf('/')] })
                .Distinct()
                .Select(path => new ListedFolder(path)),
        ];

        ScannedSet set = FolderScan.Label(new(files, folders), "images", new());

        Assert.Equal(10_000, set.ClassFolders.Count);
        Assert.Equal("class 4999", set.Files[9999].Label);
    }

    [Fact]
    public void A_vehicle_called_train_is_a_class_among_classes()
    {
        Add("train/1.jpg", "train/2.jpg", "bus/1.jpg", "bus/2.jpg", "car/1.jpg", "car/2.jpg");

        Assert.Equal(["bus", "car", "train"], Sets.Load(folder.Root).Classes);
    }

    [Theory]
    [InlineData("photos/")]
    [InlineData("photos/photos/")]
    [InlineData("data set/images/")]
    public void A_folder_around_the_classes_is_entered_and_said(string around)
    {
        Add(around + "a/1.jpg", around + "a/2.jpg", around + "b/1.jpg", around + "b/2.jpg");
        folder.Write("README.txt", "hello"u8.ToArray());

        ImageSet set = Sets.Load(folder.Root);

        Assert.Equal(["a", "b"], set.Classes);
        Assert.Contains($"holds one folder, '{around.TrimEnd('/')}'", set.Notes[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_around_parts_is_entered_and_so_is_a_folder_in_a_part_that_says_nothing()
    {
        Add("flowers/seg_train/seg_train/a/1.jpg", "flowers/seg_train/seg_train/b/1.jpg");
        Add("flowers/seg_test/images/a/1.jpg", "flowers/seg_test/images/b/1.jpg");

        ImageSet set = Sets.Load(folder.Root);

        Assert.Equal(["a", "b"], set.Classes);
        Assert.Equal(2, set.Images.Count(image => image.Part == ImagePart.Train));
        Assert.Equal(2, set.Images.Count(image => image.Part == ImagePart.Test));
    }

    private ImageSet Load(DataLayout layout) => Sets.Load(folder.Root, new() { Data = new() { Layout = layout } });

    private GraftException AssertRefused(string reason)
    {
        GraftException error = Assert.Throws<GraftException>(() => Sets.Load(folder.Root));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        return error;
    }

    private void Add(params string[] paths) =>
        Array.ForEach(paths, path => folder.Write(path, ImageSetTests.Picture(pictures++)));
}
