using System.Text;

namespace Graft.Training.Tests.Data;

public sealed class EmptyClassTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public EmptyClassTests()
    {
        for (int i = 0; i < 4; i++)
        {
            folder.Write($"{(i < 2 ? "a" : "b")}/{i}.jpg", ImageSetTests.Picture(i));
        }
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_empty_folder_of_a_class_stops_the_reading()
    {
        Directory.CreateDirectory(Path.Combine(folder.Root, "nut"));

        AssertLost("the folder 'nut' gives no image: it is empty");
    }

    [Theory]
    [InlineData(".tga")]
    [InlineData(".svg")]
    [InlineData(".dcm")]
    [InlineData(".ico")]
    [InlineData(".txt")]
    public void A_class_of_files_that_are_not_read_is_named_with_their_extension(string extension)
    {
        folder.Write($"nut/1{extension}", "something"u8.ToArray());
        folder.Write($"nut/2{extension}", "something else"u8.ToArray());

        AssertLost($"the folder 'nut' gives no image: none of its files is an image that is read ({extension} 2)");
    }

    [Fact]
    public void A_class_of_empty_files_is_named_with_the_first_of_them()
    {
        folder.Write("nut/1.jpg", []);
        folder.Write("nut/2.jpg", []);

        AssertLost("none of its 2 images is usable; the first is 'nut/1.jpg': 0 bytes long");
    }

    [Fact]
    public void Skipped_classes_are_warned_of_and_their_files_do_not_count_as_unusable()
    {
        folder.Write("nut/1.jpg", []);

        ImageSet set = Sets.Load(folder.Root, new() { Data = new() { SkipEmptyClasses = true } });

        Assert.Equal(["a", "b"], set.Classes);
        Assert.Contains("the folder 'nut' gives no image and is left out", set.Warnings[0], StringComparison.Ordinal);
        Assert.Empty(set.Rejected);
    }

    [Fact]
    public void A_class_of_a_list_without_a_usable_image_is_named()
    {
        string csv = folder.Write("list.csv", "path,label\na/0.jpg,a\na/1.jpg,a\nb/2.jpg,b\nb/3.jpg,b\ngone.jpg,nut\n");

        GraftException error = Assert.Throws<GraftException>(() => Sets.Load(csv));
        ImageSet set = Sets.Load(csv, new() { Data = new() { SkipEmptyClasses = true } });

        Assert.Contains(
            "the class 'nut' gives no image: its only image is 'gone.jpg': line 6 of the CSV names it",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.Equal(["a", "b"], set.Classes);
        Assert.Empty(set.Rejected);
    }

    [Fact]
    public void A_folder_that_ignore_txt_empties_is_no_lost_class()
    {
        folder.Write("nut/1.jpg", ImageSetTests.Picture(9));
        folder.Write("ignore.txt", "nut/*.jpg"u8.ToArray());

        Assert.Equal(["a", "b"], Sets.Load(folder.Root).Classes);
    }

    [Fact]
    public void A_class_that_lacks_images_in_one_part_is_warned_of()
    {
        using TemporaryFolder parts = new();
        int number = 0;
        foreach (string path in new[] { "train/a/1", "train/a/2", "train/b/1", "train/b/2", "test/a/1" })
        {
            parts.Write(path + ".jpg", ImageSetTests.Picture(number++));
        }

        parts.Write("test/b/1.tga", "x"u8.ToArray());

        Assert.Contains(
            "the folder 'test/b' gives no image to its class: none of its files is an image that is read (.tga 1)",
            Sets.Load(parts.Root).Warnings
        );
    }

    [Fact]
    public void Files_that_are_not_read_are_counted_by_extension()
    {
        folder.Write("a/1.txt", "x"u8.ToArray());
        folder.Write("a/2.TXT", "x"u8.ToArray());
        folder.Write("a/3.svg", "<svg/>"u8.ToArray());

        Assert.Equal(["3 other files are not read: .txt 2, .svg 1"], Sets.Load(folder.Root).Notes);
    }

    [Fact]
    public void Names_that_are_not_UTF8_are_named()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux has such names");
        byte[] path = [.. Encoding.ASCII.GetBytes(folder.Root), .. "/gr"u8, 0xFC, (byte)'n', 0];
        Assert.Equal(0, MakeDirectory(path, 0x1FF));
        try
        {
            AssertLost("gives no image: its name is not UTF-8; rename it");
        }
        finally
        {
            Assert.Equal(0, RemoveDirectory(path)); // .NET cannot name it
        }
    }

    private void AssertLost(string reason)
    {
        GraftException error = Assert.Throws<GraftException>(() => Sets.Load(folder.Root));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Equal("Data.SkipEmptyClasses", error.Option);
    }

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "mkdir")]
    private static extern int MakeDirectory(byte[] path, uint mode);

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "rmdir")]
    private static extern int RemoveDirectory(byte[] path);
}
