using System.Runtime.Versioning;
using System.Text;

namespace Graft.Training.Tests.Data;

public sealed class ImageSetTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Folders_are_classes_and_what_lies_deeper_belongs_to_them()
    {
        Add("roses/b.jpg", "roses/more/and more/a.jpg", "Asters/1.png", "Asters/2.PNG");

        ImageSet set = Sets.Load(folder.Root);

        Assert.Equal(["Asters", "roses"], set.Classes);
        Assert.Equal(
            ["Asters/1.png", "Asters/2.PNG", "roses/b.jpg", "roses/more/and more/a.jpg"],
            set.Images.Select(image => image.Name)
        );
        Assert.Equal(["Asters", "Asters", "roses", "roses"], set.Images.Select(image => image.Label));
        Assert.All(set.Images, image => Assert.Null(image.Part));
        Assert.Empty(set.Rejected);
    }

    [Theory]
    [InlineData("val")]
    [InlineData("valid")]
    [InlineData("Validation")]
    public void Folders_called_train_val_and_test_are_parts(string validation)
    {
        Add(
            "train/a/1.jpg",
            "train/b/2.jpg",
            validation + "/a/3.jpg",
            validation + "/b/4.jpg",
            "test/a/5.jpg",
            "test/b/deep/6.jpg"
        );

        ImageSet set = Sets.Load(folder.Root);

        Assert.Equal(["a", "b"], set.Classes);
        Assert.Equal(2, set.Images.Count(image => image.Part == ImagePart.Train));
        Assert.Equal(2, set.Images.Count(image => image.Part == ImagePart.Validation));
        Assert.Equal(2, set.Images.Count(image => image.Part == ImagePart.Test));
    }

    [Fact]
    public void A_class_beside_parts_is_refused()
    {
        Add("train/a/1.jpg", "train/b/2.jpg", "val/a/3.jpg", "extra/4.jpg");

        AssertRefused(folder.Root, "beside 'train' and 'val' lies 'extra'");
    }

    [Fact]
    public void Hidden_files_and_those_of_systems_are_not_seen()
    {
        Add("a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg", ".git/x.jpg", "a/.hidden.jpg", "__MACOSX/a/1.jpg", "a/._1.jpg");
        folder.Write("a/Thumbs.db", [1, 2, 3]);
        folder.Write(".DS_Store", [1, 2, 3]);

        ImageSet set = Sets.Load(folder.Root);

        Assert.Equal(4, set.Images.Length);
        Assert.Empty(set.Rejected);
        Assert.Empty(set.NotImages);
    }

    [Fact]
    public void Other_files_are_noted_and_bad_images_rejected_with_their_reasons()
    {
        Add("a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg", "loose.jpg");
        folder.Write("README.txt", "hello"u8.ToArray());
        folder.Write("a/parts.pov", "sphere"u8.ToArray());
        folder.Write("a/empty.sh", []);
        folder.Write("a/empty.jpg", []);
        folder.Write("b/text.jpg", "no image at all"u8.ToArray());
        folder.Write("b/x.heic", [0, 0, 0, 24, .. "ftypheic"u8, 0, 0, 0, 0]);

        ImageSet set = Sets.Load(folder.Root);

        Assert.Equal(4, set.Images.Length);
        Assert.Equal(["README.txt", "a/empty.sh", "a/parts.pov"], set.NotImages);
        Assert.Equal(["a/empty.jpg", "b/text.jpg", "b/x.heic", "loose.jpg"], set.Rejected.Select(image => image.Path));
        Assert.StartsWith("0 bytes long", set.Rejected[0].Reason, StringComparison.Ordinal);
        Assert.StartsWith("not an image", set.Rejected[1].Reason, StringComparison.Ordinal);
        Assert.StartsWith("it is HEIC", set.Rejected[2].Reason, StringComparison.Ordinal);
        Assert.StartsWith("it lies in no class's folder", set.Rejected[3].Reason, StringComparison.Ordinal);
        GraftException error = Assert.Throws<GraftException>(() => set.RequireFewRejected());
        Assert.Contains("4 of 8 images are unusable, and 1% are the limit", error.Message, StringComparison.Ordinal);
        set.RequireFewRejected(0.5);
    }

    [Fact]
    public void An_image_is_recognised_by_its_content_under_any_name()
    {
        Add("a/1.jpg", "b/1.jpg", "b/2.jpg");
        folder.Write("a/2.dat", Picture(50));
        folder.Write("a/3.png", Picture(51)); // a JPEG

        Assert.Equal(
            ["a/1.jpg", "a/2.dat", "a/3.png", "b/1.jpg", "b/2.jpg"],
            Sets.Load(folder.Root).Images.Select(image => image.Name)
        );
    }

    [Fact]
    public void The_folders_of_a_download_cache_are_read_through_its_links()
    {
        for (int i = 0; i < 4; i++)
        {
            string blob = folder.Write($"blobs/{i:x8}", Picture(i));
            string link = Path.Combine(folder.Root, $"snapshots/0a1b/{(i < 2 ? "a" : "b")}/{i}.jpg");
            Directory.CreateDirectory(Path.GetDirectoryName(link)!);
            File.CreateSymbolicLink(link, Path.GetRelativePath(Path.GetDirectoryName(link)!, blob));
        }

        ImageSet set = Sets.Load(folder.Root);

        Assert.Equal(["a", "b"], set.Classes);
        Assert.Equal(4, set.Images.Length);
        Assert.Empty(set.Rejected);
    }

    [Fact]
    public void Ignored_files_are_left_out()
    {
        Add("a/1.jpg", "a/2.jpg", "a/x/3.jpg", "a/draft-1.jpg", "b/1.jpg", "b/2.jpg", "c/1.jpg", "d/e/f/9.jpg");
        folder.Write("a/bad.jpg", []);
        folder.Write("ignore.txt", "# mistakes\na/bad.jpg\n\ndraft-?.*\nc/\na/x/*.jpg\nd/**/9.jpg\n"u8.ToArray());

        ImageSet set = Sets.Load(folder.Root);

        Assert.Equal(["a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg"], set.Images.Select(image => image.Name));
        Assert.Empty(set.Rejected);
        Assert.Empty(set.NotImages);
    }

    [Fact]
    public void Links_are_followed_unless_the_folder_comes_from_outside()
    {
        using TemporaryFolder store = new();
        store.Write("1.jpg", Picture(1));
        store.Write("2.jpg", Picture(2));
        Add("a/1.jpg", "a/2.jpg");
        _ = Directory.CreateSymbolicLink(Path.Combine(folder.Root, "b"), store.Root);
        _ = File.CreateSymbolicLink(Path.Combine(folder.Root, "a/same.jpg"), Path.Combine(folder.Root, "a/1.jpg"));

        ImageSet set = Sets.Load(folder.Root);
        ImageSetOptions outside = new() { FollowLinks = false };
        string refusal = Assert.Throws<GraftException>(() => Sets.Load(folder.Root, outside)).Message;

        string[] names = [.. set.Images.Select(image => image.Name)];
        Assert.Equal(["a/1.jpg", "a/2.jpg", "a/same.jpg", "b/1.jpg", "b/2.jpg"], names);
        Assert.Equal(set.Images[0].Cluster, set.Images[2].Cluster);
        Assert.Contains("'b' gives no image: it is a link, and links in data", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_bottom_is_refused()
    {
        Add("a/1.jpg", string.Concat(Enumerable.Repeat("b/", 20)) + "1.jpg");

        AssertRefused(folder.Root, "deeper than 16 folders");
        Assert.Equal(2, Sets.Load(folder.Root, new() { LeastImages = 1, Depth = 20 }).Images.Length);
        Assert.Contains(
            "deeper than 19 folders",
            Assert.Throws<GraftException>(() => Sets.Load(folder.Root, new() { LeastImages = 1, Depth = 19 })).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_cannot_be_used_is_said_on_one_line()
    {
        AssertRefused(Path.Combine(folder.Root, "nowhere"), "there is no such file or folder");
        AssertRefused(folder.Root, "there are no images in it");
        Add("a/1.jpg", "a/2.jpg");
        AssertRefused(folder.Root, "it has only one class, 'a'");
        Add("b/1.jpg");
        AssertRefused(folder.Root, "the class 'b' has 1 usable image, and 2 are the least");
        Assert.Equal(3, Sets.Load(folder.Root, new() { LeastImages = 1 }).Images.Length);
    }

    [Fact]
    public void A_folder_of_bad_images_says_what_is_wrong_with_the_first()
    {
        folder.Write("a/1.jpg", []);

        AssertRefused(folder.Root, "none of its 1 images is usable; the first is 'a/1.jpg': 0 bytes long");
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void A_folder_that_may_not_be_read_is_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.UserName == "root", "root may read everything");
        Add("a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg");
        string locked = Path.Combine(folder.Root, "b");
        File.SetUnixFileMode(locked, UnixFileMode.None);
        try
        {
            AssertRefused(folder.Root, "'b' cannot be read: it may not be listed");
        }
        finally
        {
            File.SetUnixFileMode(locked, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void Names_that_would_draw_on_the_terminal_are_escaped()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such names");
        Add("a/1.jpg", "a/2.jpg", "b\n\u001b[31m/1.jpg");

        GraftException error = Assert.Throws<GraftException>(() => Sets.Load(folder.Root));

        Assert.Contains("'b\\u000a\\u001b[31m'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Copies_with_different_labels_are_warned_of()
    {
        Add("a/1.jpg", "b/2.jpg");
        folder.Write("a/copy.jpg", Picture(9));
        folder.Write("b/copy.jpg", Picture(9));

        Assert.Contains(
            "'a/copy.jpg' and 'b/copy.jpg' are byte-identical",
            Assert.Single(Sets.Load(folder.Root).Warnings),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_turns_out_unusable_can_be_taken_out()
    {
        Add("a/1.jpg", "a/2.jpg", "a/3.jpg", "b/1.jpg", "b/2.jpg");
        ImageSet set = Sets.Load(folder.Root);

        ImageSet left = set.Without([new("a/2.jpg", "it is torn")]);

        Assert.Equal(["a/1.jpg", "a/3.jpg", "b/1.jpg", "b/2.jpg"], left.Images.Select(image => image.Name));
        Assert.Equal([new RejectedImage("a/2.jpg", "it is torn")], left.Rejected);
        Assert.Throws<GraftException>(() => set.Without([new("b/2.jpg", "it is torn")]));
    }

    [Fact]
    public void The_flowers_load_with_their_parts()
    {
        ImageSet set = Sets.Load(SharedData.Find("data/flowers17.csv"));

        Assert.Equal(17, set.Classes.Length);
        Assert.Equal(
            (1020, 340),
            (
                set.Images.Count(image => image.Part == ImagePart.Train),
                set.Images.Count(image => image.Part == ImagePart.Test)
            )
        );
        Assert.Empty(set.Rejected);
    }

    private void AssertRefused(string path, string reason)
    {
        GraftException error = Assert.Throws<GraftException>(() => Sets.Load(path));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private int pictures;

    private void Add(params string[] paths)
    {
        foreach (string path in paths)
        {
            _ = folder.Write(path, Picture(100 + pictures++));
        }
    }

    /// <summary>The first bytes of a JPEG, then a number: enough for a set, which does not decode.</summary>
    internal static byte[] Picture(int number) =>
        [0xFF, 0xD8, 0xFF, 0xE0, .. Encoding.ASCII.GetBytes($"picture {number}")];
}
