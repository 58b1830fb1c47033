using Graft.Imaging;
using Graft.Infrastructure;
using Graft.Prediction;

namespace Graft.Training.Data;

/// <summary>Collects the images that lists name, and refuses lists that contradict each other.</summary>
internal sealed class ListedImages(DatasetFiles files)
{
    private readonly Dictionary<string, (ScannedFile Image, string Place)> _images = new(StringComparer.Ordinal);
    private readonly List<ScannedFile> _unlabelled = [];

    /// <summary>Number of different images so far.</summary>
    public int Count => _images.Count;

    /// <summary>Paths of the images so far.</summary>
    public IEnumerable<string> Paths => _images.Keys;

    /// <summary>True where the lists say that an image may have several labels, even if none has.</summary>
    public bool HasLabelLists { get; set; }

    /// <summary>Adds one image.</summary>
    /// <param name="list">The list that names it.</param>
    /// <param name="place">Where the list names it, as in "line 3".</param>
    /// <param name="listed">Its path as the list writes it.</param>
    /// <param name="found">The file; null where there is none.</param>
    /// <param name="labels">Its classes; none leaves the image out where each has one.</param>
    /// <param name="part">Its part; by default the one that its folder or the list's folder is named after.</param>
    /// <param name="group">Its group; null where the list has none.</param>
    /// <exception cref="GraftException">The image has several classes and one is asked for, or lies in two
    /// parts.</exception>
    public void Add(
        ScannedFile list,
        string place,
        string listed,
        ScannedFile? found,
        IReadOnlyCollection<string> labels,
        ImagePart? part = null,
        string? group = null
    )
    {
        string where = $"{place} of {DatasetFiles.Quoted(list)}";
        LabelList own = LabelList.Of(labels.Select(label => label.Trim()).Where(label => label.Length > 0));
        if (own.Count > 1 && files.Options.Task == ClassificationTask.SingleLabel)
        {
            throw files.Problem(
                $"{where} gives '{Printable.Text(listed)}' several classes, '{Printable.Text(own[0])}' and "
                    + $"'{Printable.Text(own[1])}', and one label a picture was asked for; "
                    + "keep one, or allow several labels",
                option: nameof(TrainingOptions.Task)
            );
        }

        string path = found?.Path ?? DatasetFiles.FolderOf(list.Path) + listed;
        ScannedFile image = (found ?? new ScannedFile(path, "", null, null)) with
        {
            Label = $"{own}",
            Labels = own,
            Part = part ?? PartOf(path) ?? PartOf(list.Path),
            Problem = found is null ? Missing(path, where) : null,
            IsListed = true,
            Group = string.IsNullOrWhiteSpace(group) ? null : group,
        };
        if (own.Count == 0)
        {
            _unlabelled.Add(image);
        }
        else
        {
            Keep(image, where);
        }
    }

    /// <summary>The images in ordinal order of their paths.</summary>
    /// <exception cref="GraftException">None of the listed images has a class.</exception>
    public RecognisedImages As(string what)
    {
        if (_images.Count == 0 && _unlabelled.Count > 0 && !HasLabelLists)
        {
            throw files.Problem(
                $"it is {what}, and none of its {_unlabelled.Count:N0} images has a class; "
                    + $"label them, such as '{Printable.Text(_unlabelled[0].Path)}'"
            );
        }

        ScannedFile[] images =
        [
            .. _images.Values.Select(row => row.Image).OrderBy(image => image.Path, StringComparer.Ordinal),
        ];
        return new(what, images)
        {
            Unlabelled =
            [
                .. _unlabelled.Where(image => !_images.ContainsKey(image.Path)).DistinctBy(image => image.Path),
            ],
            HasLabelLists = HasLabelLists,
        };
    }

    /// <summary>The part that a folder of the path is named after; null where none is.</summary>
    public static ImagePart? PartOf(string path)
    {
        string[] names = path.Split('/');
        return names.Take(names.Length - 1).Select(PartName.Find).FirstOrDefault(part => part is not null);
    }

    private void Keep(ScannedFile image, string where)
    {
        if (_images.TryAdd(image.Path, (image, where)))
        {
            return;
        }

        (ScannedFile other, string elsewhere) = _images[image.Path];
        if (other.Label != image.Label)
        {
            throw files.Problem(
                $"{elsewhere} and {where} call '{Printable.Text(image.Path)}' both '{Printable.Text(other.Label!)}' "
                    + $"and '{Printable.Text(image.Label!)}'; keep one"
            );
        }

        if (other.Part != image.Part)
        {
            throw files.Problem(
                $"{elsewhere} and {where} put '{Printable.Text(image.Path)}' into two splits; keep one"
            );
        }
    }

    private static RejectedImage Missing(string path, string where) =>
        new(path, $"{where} names it, and there is no such file; correct or delete it") { Fault = ImageFault.Missing };
}
