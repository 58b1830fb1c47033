using Graft.Imaging;

namespace Graft.Tests.Imaging;

public sealed class ImageFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TemporaryFolder store = new();

    public void Dispose()
    {
        folder.Dispose();
        store.Dispose();
    }

    [Fact]
    public void Files_are_listed_at_any_depth_in_one_order()
    {
        Write("b/2.jpg", "b/1.jpg", "a.jpg", "b/c/d/3.jpg");

        Assert.Equal(["a.jpg", "b/1.jpg", "b/2.jpg", "b/c/d/3.jpg"], Paths(new()));
        Assert.Equal(["a.jpg"], Paths(new() { IsRecursive = false }));
    }

    [Fact]
    public void Files_of_operating_systems_and_ignored_files_are_left_out()
    {
        Write("a.jpg", "Thumbs.db", "desktop.ini", ".hidden.jpg", "__MACOSX/a.jpg", "drafts/1.jpg", "b/draft-2.jpg");
        folder.Write("ignore.txt", "drafts/\ndraft-?.jpg\n"u8.ToArray());

        FolderListing listing = ImageFolder.List(folder.Root);

        Assert.Equal(["a.jpg"], listing.Files.Select(file => file.Path));
        Assert.True(Assert.Single(listing.Folders).HasIgnored);
    }

    [Fact]
    public void Links_to_files_and_folders_are_followed_wherever_they_lead()
    {
        string picture = store.Write("far/1.jpg", [1]);
        Write("a/0.jpg");
        File.CreateSymbolicLink(At("a/1.jpg"), picture);
        Directory.CreateSymbolicLink(At("b"), Path.GetDirectoryName(picture)!);

        FolderListing listing = ImageFolder.List(folder.Root);

        Assert.Equal(["a/0.jpg", "a/1.jpg", "b/1.jpg"], listing.Files.Select(file => file.Path));
        Assert.All(listing.Files, file => Assert.Null(file.Problem));
        Assert.All(listing.Files, file => Assert.True(File.Exists(file.File)));
    }

    [Fact]
    public void A_link_to_nothing_is_named_with_its_target()
    {
        Write("a/0.jpg");
        File.CreateSymbolicLink(At("a/1.jpg"), At("gone.jpg"));
        Directory.CreateSymbolicLink(At("b"), At("gone"));

        FolderListing listing = ImageFolder.List(folder.Root);

        Assert.Contains("it is a link to nothing, ", listing.Files[1].Problem, StringComparison.Ordinal);
        Assert.Equal(ImageFault.LinkNotFollowed, listing.Files[1].Fault);
        Assert.Contains("it is a link to nothing", listing.Folders[1].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Links_in_a_circle_are_named_and_end()
    {
        Write("a/0.jpg");
        Directory.CreateSymbolicLink(At("a/up"), folder.Root);
        Directory.CreateSymbolicLink(At("a/same"), At("a"));
        Directory.CreateSymbolicLink(At("out"), store.Root);
        Directory.CreateSymbolicLink(Path.Combine(store.Root, "back"), folder.Root);
        File.CreateSymbolicLink(At("x.jpg"), At("y.jpg"));
        File.CreateSymbolicLink(At("y.jpg"), At("x.jpg"));

        FolderListing listing = ImageFolder.List(folder.Root);

        Assert.Equal(["a/0.jpg", "x.jpg", "y.jpg"], listing.Files.Select(file => file.Path));
        Assert.Equal(
            ["a/same", "a/up", "out/back"],
            listing.Folders.Where(one => one.Problem is not null).Select(one => one.Path)
        );
        Assert.Contains("leads in a circle", listing.Files[1].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Links_in_data_from_outside_are_not_followed()
    {
        string secret = store.Write("secret.jpg", [1]);
        Write("a/0.jpg");
        File.CreateSymbolicLink(At("a/1.jpg"), secret);
        Directory.CreateSymbolicLink(At("b"), store.Root);

        FolderListing listing = ImageFolder.List(folder.Root, new() { FollowLinks = false });

        Assert.Equal(["a/0.jpg", "a/1.jpg"], listing.Files.Select(file => file.Path));
        Assert.Contains("not followed", listing.Files[1].Problem, StringComparison.Ordinal);
        Assert.Contains("not followed", listing.Folders[1].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Sixteen_levels_and_ten_thousand_files_are_listed()
    {
        string deep = string.Concat(Enumerable.Range(0, 16).Select(i => $"{i}/"));
        Write(deep + "last.jpg");
        for (int i = 0; i < 10_000; i++)
        {
            folder.Write($"many/{i % 200}/{i}.jpg", []);
        }

        FolderListing listing = ImageFolder.List(folder.Root);

        Assert.Equal(10_001, listing.Files.Count);
        Assert.Contains(deep + "last.jpg", listing.Files.Select(file => file.Path));
    }

    private string[] Paths(ImageFolderOptions options) =>
        [.. ImageFolder.List(folder.Root, options).Files.Select(file => file.Path)];

    private string At(string path) => Path.Combine(folder.Root, path);

    private void Write(params string[] paths) => Array.ForEach(paths, path => folder.Write(path, [1]));
}
