using Graft.Infrastructure;
using Graft.Prediction;

namespace Graft.Training.Data;

/// <summary>Writes a folder a class, within train, val and test where the images have parts.</summary>
internal sealed class ClassFolderWriter : ImageSetWriter
{
    private readonly string _folder;
    private readonly Dictionary<string, HashSet<string>> _used = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="GraftException">Folders cannot express a class or a part.</exception>
    public ClassFolderWriter(ImageSet set, string folder)
    {
        _folder = folder;
        string? unsafeClass = set.Classes.FirstOrDefault(name => SafeName.Of(name) != name);
        string? twin = set
            .Classes.GroupBy(name => name, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(same => same.Count() > 1)
            ?.Key;
        bool isMixed = set.Images.Any(image => image.Part is null) && set.Images.Any(image => image.Part is not null);
        string? reason =
            set.Task == ClassificationTask.MultiLabel ? "an image may have several labels, or none"
            : unsafeClass is not null ? $"the class '{Printable.Text(unsafeClass)}' cannot be the name of a folder"
            : twin is not null ? $"two classes are called '{Printable.Text(twin)}' but for upper and lower case"
            : isMixed ? "some images have a part (train, val, test) and others have none"
            : null;
        if (reason is not null)
        {
            throw new GraftException(
                $"'{Printable.Text(set.Source)}' cannot be written as folders: {reason}; write a CSV file or shards"
            );
        }
    }

    public override void Add(LabelledImage image, byte[] bytes)
    {
        string part = image.Part is ImagePart known ? PartName.Of(known) : "";
        string folder = Path.Combine(_folder, part, image.Label);
        if (!_used.TryGetValue(folder, out HashSet<string>? used))
        {
            _used[folder] = used = new(StringComparer.OrdinalIgnoreCase);
            Directory.CreateDirectory(folder);
        }

        string name = FileNameOf(image, bytes);
        string extension = Path.GetExtension(name);
        string unused = SafeName.Unused(name[..^extension.Length], extension, used);
        File.WriteAllBytes(Path.Combine(folder, unused), bytes);
    }
}
