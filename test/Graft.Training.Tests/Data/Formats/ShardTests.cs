namespace Graft.Training.Tests.Data;

/// <summary>WebDataset shards and Teachable Machine projects.</summary>
public sealed class ShardTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // github.com/webdataset/webdataset: name up to the first dot, then the kind
    [Fact]
    public void A_shard_gives_each_image_the_class_beside_it()
    {
        Dictionary<string, byte[]> shard = new()
        {
            ["0001.png"] = SampleImages.Picture(1),
            ["0001.cls"] = SampleImages.Text("1"),
            ["dir.x/0002.left.png"] = SampleImages.Picture(2),
            ["dir.x/0002.cls"] = SampleImages.Text("0\n"),
            ["classes.txt"] = SampleImages.Text("cat\ndog\n"),
        };

        ImageSet set = SampleImages.Load(folder.Write("a.tar", SampleImages.Tar(shard)));

        Assert.Equal(["0001.png = dog", "dir.x/0002.left.png = cat"], SampleImages.Describe(set));
    }

    // huggingface.co/docs/hub/datasets-webdataset: labels in JSON
    [Fact]
    public void Labels_in_JSON_are_read()
    {
        Dictionary<string, byte[]> shard = new()
        {
            ["1.png"] = SampleImages.Picture(1),
            ["1.json"] = SampleImages.Text("""{"label": "cat", "width": 4}"""),
        };

        ImageSet set = SampleImages.Load(folder.Write("a.tar", SampleImages.Tar(shard)));

        Assert.Equal(["1.png = cat"], SampleImages.Describe(set));
    }

    [Fact]
    public void A_class_number_has_its_name_in_the_JSON_beside_it()
    {
        Dictionary<string, byte[]> shard = new()
        {
            ["1.png"] = SampleImages.Picture(1),
            ["1.cls"] = SampleImages.Text("0"),
            ["1.json"] = SampleImages.Text("""{"label": "cat"}"""),
            ["2.png"] = SampleImages.Picture(2),
            ["2.cls"] = SampleImages.Text("7"),
            ["2.json"] = SampleImages.Text("""{"label": 7}"""),
        };

        ImageSet set = SampleImages.Load(folder.Write("a.tar", SampleImages.Tar(shard)));

        Assert.Equal(["1.png = cat", "2.png = 7"], SampleImages.Describe(set));
    }

    [Fact]
    public void The_names_of_shards_tell_their_parts()
    {
        Write("data/train-00000.tar", "1", "cat");
        Write("data/train-00001.tar", "1", "dog");
        Write("data/validation-00000.tar", "1", "cat");

        ImageSet set = SampleImages.Load(Path.Combine(folder.Root, "data"));

        Assert.Equal(
            [
                "train-00000.tar/1.png = cat (Train)",
                "train-00001.tar/1.png = dog (Train)",
                "validation-00000.tar/1.png = cat (Validation)",
            ],
            SampleImages.Describe(set)
        );
    }

    // MeemeeLab/TeachableMachine-Scraper, TMPacker.js and ManifestConfiguration.js, which writes such files: a stored
    // zip archive of manifest.json and CLASS-!-NUMBER.jpg
    [Fact]
    public void A_Teachable_Machine_project_holds_the_samples_of_its_classes()
    {
        Dictionary<string, byte[]> project = new()
        {
            ["manifest.json"] = SampleImages.Text("""{"type": "image", "version": "2.4.5", "appdata": {}}"""),
            ["Class 1-!-0.png"] = SampleImages.Picture(1),
            ["Class 1-!-1.png"] = SampleImages.Picture(2),
            ["Other-!-0.png"] = SampleImages.Picture(3),
        };

        ImageSet set = SampleImages.Load(folder.Write("my.tm", SampleImages.Zip(project)));

        Assert.Equal(
            ["Class 1-!-0.png = Class 1", "Class 1-!-1.png = Class 1", "Other-!-0.png = Other"],
            SampleImages.Describe(set)
        );
    }

    private void Write(string name, string key, string label) =>
        folder.Write(
            name,
            SampleImages.Tar([
                new($"{key}.png", SampleImages.Picture(name.Length + label.Length)),
                new($"{key}.cls", SampleImages.Text(label)),
            ])
        );
}
