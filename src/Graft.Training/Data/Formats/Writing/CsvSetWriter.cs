using System.Globalization;
using CsvHelper;

namespace Graft.Training.Data;

/// <summary>Writes images into numbered folders, and images.csv.</summary>
internal sealed class CsvSetWriter : ImageSetWriter
{
    private const int ImagesPerFolder = 1000;

    private readonly string _folder;
    private readonly FileStream _stream;
    private readonly CsvWriter _csv;
    private int _count;

    public CsvSetWriter(ImageSet set, string folder)
    {
        _folder = folder;
        _stream = File.Create(Path.Combine(folder, "images.csv"));
        _csv = CsvWriter.Create(
            _stream,
            new CsvWriterOptions { NewLine = "\n", Quoting = CsvQuoting.WhenNeededOrWhitespace },
            leaveOpen: true
        );
        _csv.WriteHeader("path", SplitFile.LabelColumn(set.Task), "split", "group");
    }

    public override void Add(LabelledImage image, byte[] bytes)
    {
        string part = (_count / ImagesPerFolder).ToString("D4", CultureInfo.InvariantCulture);
        if (_count % ImagesPerFolder == 0)
        {
            Directory.CreateDirectory(Path.Combine(_folder, "images", part));
        }

        // a number makes the name unique, and the old name says where the image comes from
        string path = $"images/{part}/{_count:D6}-{FileNameOf(image, bytes)}";
        File.WriteAllBytes(Path.Combine(_folder, path), bytes);
        _csv.WriteRecord(path, image.Label, image.Part is ImagePart known ? PartName.Of(known) : "", image.Group ?? "");
        _count++;
    }

    public override void Dispose()
    {
        _csv.Dispose();
        _stream.Dispose();
        base.Dispose();
    }
}
