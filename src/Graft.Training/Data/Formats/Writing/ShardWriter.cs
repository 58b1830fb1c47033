using System.Formats.Tar;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Graft.Prediction;

namespace Graft.Training.Data;

/// <summary>
/// Writes WebDataset shards of at most 1 GB and 10,000 images. A sample is an image, its class number (.cls), and the
/// name of its class (.json). With several labels an image it is the image and the list of its labels (.json).
/// </summary>
internal sealed class ShardWriter(ImageSet set, string folder) : ImageSetWriter
{
    private const long MostBytes = 1_000_000_000;
    private const int MostImages = 10_000;

    private readonly Dictionary<string, int> _numbers = set
        .Classes.Index()
        .ToDictionary(one => one.Item, one => one.Index);

    private readonly Dictionary<string, Shard> _shards = [];
    private int _count;

    public override void Add(LabelledImage image, byte[] bytes)
    {
        string part = image.Part is ImagePart known ? PartName.Of(known) : "images";
        Shard shard = Room(part, bytes.Length);
        string key = _count++.ToString("D8", CultureInfo.InvariantCulture);
        bool isMulti = set.Task == ClassificationTask.MultiLabel;
        JsonObject json = isMulti
            ? new() { ["labels"] = new JsonArray([.. image.Labels.Select(label => (JsonNode)label)]) }
            : new() { ["label"] = image.Label };
        json["name"] = image.Name;
        json["group"] = image.Group;
        shard.Write(key + ExtensionOf(bytes), bytes);
        if (!isMulti)
        {
            shard.Write(key + ".cls", Encoding.ASCII.GetBytes($"{_numbers[image.Label]}"));
        }

        shard.Write(key + ".json", Encoding.UTF8.GetBytes(json.ToJsonString()));
        shard.Images++;
        shard.Bytes += bytes.Length;
    }

    public override void Dispose()
    {
        foreach (Shard shard in _shards.Values)
        {
            shard.Dispose();
        }

        base.Dispose();
    }

    private Shard Room(string part, int bytes)
    {
        bool hasRoom =
            _shards.TryGetValue(part, out Shard? shard)
            && shard.Images < MostImages
            && shard.Bytes + bytes <= MostBytes;
        if (hasRoom)
        {
            return shard!;
        }

        int number = shard is null ? 0 : shard.Number + 1;
        shard?.Dispose();
        return _shards[part] = new(Path.Combine(folder, $"{part}-{number:D5}.tar"), number);
    }

    private sealed class Shard(string path, int number) : IDisposable
    {
        private readonly TarWriter _tar = new(File.Create(path), TarEntryFormat.Pax);

        public int Number => number;

        public int Images { get; set; }

        public long Bytes { get; set; }

        // no times and owners: the same images give the same bytes
        public void Write(string name, byte[] bytes)
        {
            using MemoryStream content = new(bytes);
            _tar.WriteEntry(
                new UstarTarEntry(TarEntryType.RegularFile, name)
                {
                    DataStream = content,
                    ModificationTime = DateTimeOffset.UnixEpoch,
                }
            );
        }

        public void Dispose() => _tar.Dispose();
    }
}
