using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>A folder of WebDataset shards. The names of the shards tell their parts: train-00000.tar.</summary>
internal static class ShardFolder
{
    public static RecognisedImages? Read(string folder, IReadOnlyList<ScannedFile> files, ImageSetOptions options)
    {
        ScannedFile[] shards = [.. files.Where(IsShard)];
        if (shards.Length == 0 || files.Any(file => file.IsNamedImage))
        {
            return null;
        }

        List<ScannedFile> images = [];
        List<string> warnings = [];
        List<ScannedFile> unlabelled = [];
        bool hasLists = false;
        foreach (ScannedFile shard in shards)
        {
            Archive content = DatasetFormat.OpenArchive(shard.File, options)
                ?? throw new GraftException(
                    $"'{Printable.Text(folder)}' cannot be used: '{Printable.Text(shard.Path)}' is no tar archive; "
                        + "fetch it again"
                );
            DatasetFiles archive = DatasetFiles.OfArchive(shard.Path, content, options);
            ListedImages listed = new(archive);
            ImagePart? part = ListedImages.PartOf(shard.Path) ?? PartNames.In(DatasetFiles.NameOf(shard.Path));
            if (!WebDatasetShard.AddTo(listed, archive, part))
            {
                throw new GraftException(
                    $"'{Printable.Text(folder)}' cannot be used: '{Printable.Text(shard.Path)}' is no WebDataset "
                        + "shard, whose images have a .cls or .json file each; name one archive alone"
                );
            }

            RecognisedImages read = listed.As("");
            warnings.AddRange(read.Warnings);
            images.AddRange(read.Images.Select(InShard));
            unlabelled.AddRange(read.Unlabelled.Select(InShard));
            hasLists |= read.HasLabelLists;

            ScannedFile InShard(ScannedFile image) => image with { Path = $"{shard.Path}/{image.Path}" };
        }

        images.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        string what = shards.Length == 1 ? "a folder with one shard" : $"a folder of {shards.Length} shards";
        return new($"{what} of WebDataset", images)
        {
            Warnings = warnings,
            Unlabelled = unlabelled,
            HasLabelLists = hasLists,
        };
    }

    private static bool IsShard(ScannedFile file) =>
        file.Path.EndsWith(".tar", StringComparison.OrdinalIgnoreCase)
        || file.Path.EndsWith(".tar.gz", StringComparison.OrdinalIgnoreCase)
        || file.Path.EndsWith(".tgz", StringComparison.OrdinalIgnoreCase);
}
