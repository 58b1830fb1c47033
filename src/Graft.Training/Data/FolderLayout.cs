using Graft.Infrastructure;

namespace Graft.Training.Data;

/// <summary>Reads labels and parts from the names of folders: CLASS/..., or train|val|test/CLASS/....</summary>
internal static class FolderLayout
{
    /// <summary>The files with their labels and parts. An image outside the folders of classes has no label.</summary>
    /// <exception cref="GraftException">It is unclear whether the folders are classes or parts.</exception>
    public static IReadOnlyList<ScannedFile> Label(IReadOnlyList<ScannedFile> files, string folder)
    {
        string[] top =
        [
            .. files
                .Where(file => file.IsNamedImage && file.Path.Contains('/'))
                .Select(file => file.Path[..file.Path.IndexOf('/')])
                .Distinct(),
        ];
        bool hasTrain = top.Any(name => PartName.Find(name) == ImagePart.Train);
        bool hasOther = top.Any(name => PartName.Find(name) is ImagePart.Validation or ImagePart.Test);
        string? stranger = top.FirstOrDefault(name => PartName.Find(name) is null);
        if (hasTrain && hasOther && stranger is not null)
        {
            throw new GraftException(
                $"'{Printable.Text(folder)}' cannot be used: beside train, val or test lies "
                    + $"'{Printable.Text(stranger)}' with images in it, so it is unclear which folders are classes; "
                    + $"move that folder away or list it in {IgnoreList.FileName}"
            );
        }

        bool areParts = hasTrain && stranger is null && !AllLieDirectly(files);
        return [.. files.Select(file => areParts ? LabelInPart(file) : LabelInClass(file))];
    }

    // Classes may be called train and test. Then they have no folders below them.
    private static bool AllLieDirectly(IReadOnlyList<ScannedFile> files) =>
        files.Where(file => file.IsNamedImage).All(file => file.Path.Count(c => c == '/') <= 1);

    private static ScannedFile LabelInClass(ScannedFile file)
    {
        int slash = file.Path.IndexOf('/');
        return slash < 0 ? file : file with { Label = file.Path[..slash] };
    }

    private static ScannedFile LabelInPart(ScannedFile file)
    {
        string[] names = file.Path.Split('/');
        return names.Length < 3 ? file : file with { Label = names[1], Part = PartName.Find(names[0]) };
    }
}

/// <summary>The names of parts, in folders and in CSV files.</summary>
internal static class PartName
{
    public const string All = "train, val, valid, validation or test";

    /// <summary>The part called <paramref name="name"/>, in upper or lower case; null where none is.</summary>
    public static ImagePart? Find(string name) =>
        name.ToUpperInvariant() switch
        {
            "TRAIN" => ImagePart.Train,
            "VAL" or "VALID" or "VALIDATION" => ImagePart.Validation,
            "TEST" => ImagePart.Test,
            _ => null,
        };

    /// <summary>Name of the part in split.csv.</summary>
    public static string Of(ImagePart part) =>
        part switch
        {
            ImagePart.Train => "train",
            ImagePart.Validation => "val",
            _ => "test",
        };
}
