using System.Collections.Immutable;
using Graft.Explanation;
using Graft.Imaging;
using Graft.Prediction;
using Graft.Training.Data;
using Graft.Training.Metrics;
using Graft.Training.Run;

namespace Graft.Training.Release;

/// <summary>Everything that a report is made of. The same folder gives the same report.</summary>
/// <param name="Folder">The run's folder.</param>
/// <param name="Options">The options of the run.</param>
/// <param name="Evaluation">The content of evaluation.json.</param>
/// <param name="History">The content of log.jsonl.</param>
/// <param name="Answers">The content of predictions.csv.</param>
internal sealed record ReportSource(
    string Folder,
    RunOptions Options,
    RunEvaluation Evaluation,
    RunHistory History,
    IReadOnlyList<TestAnswer> Answers
)
{
    private const string DoctorName = "doctor.json";

    /// <summary>The images of the run with their parts.</summary>
    public required IReadOnlyList<LabelledImage> Images { get; init; }

    /// <summary>False where the images cannot be found any more, so that the report has no pictures.</summary>
    public bool HasPictures { get; init; } = true;

    /// <summary>The numbers of <see cref="Evaluation"/>.</summary>
    public Figures Figures => field ??= Figures.Of(Evaluation);

    // one pass over the images, however many classes there are
    private Dictionary<(string Label, ImagePart? Part), int> Counts =>
        field ??= Images
            .SelectMany(image => image.Labels.Select(label => (label, image.Part)))
            .CountBy(pair => pair)
            .ToDictionary();

    /// <summary>The content of nearest.json, by the name of the test image; empty where the run has none.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<NearLabelled>> Nearest => field ??= ReadNearest();

    /// <summary>The findings about the images; null where the run has none.</summary>
    public DataReport? Doctor { get; } =
        File.Exists(Path.Combine(Folder, DoctorName)) ? DataReport.Read(Path.Combine(Folder, DoctorName)) : null;

    /// <summary>Path of the model.</summary>
    public string ModelPath => Path.Combine(Folder, "model.onnx");

    /// <summary>Name of the folder, list or archive, without the folders around it.</summary>
    public string SetName => Path.GetFileName(Path.TrimEndingDirectorySeparator(Options.Images));

    /// <summary>Whether images may have several labels.</summary>
    public bool AreSets => Evaluation.LabelPairs is not null;

    /// <summary>"accuracy" or "mAP": what the shares of candidates mean.</summary>
    public string Measure => MeasureName.Of(AreSets ? ClassificationTask.MultiLabel : ClassificationTask.SingleLabel);

    /// <summary>What decoding one image may cost.</summary>
    public DecodeLimits Limits => Options.Options.Limits.Image;

    /// <summary>Number of images with a label in a part.</summary>
    public int CountOf(string label, ImagePart part) => Counts.GetValueOrDefault((label, part));

    /// <summary>Reads the folder of a complete run.</summary>
    /// <exception cref="GraftException">The run is not complete, or a file of it cannot be read.</exception>
    public static ReportSource Read(string folder, CancellationToken cancel)
    {
        RunOptions options = RunOptions.Read(folder);
        RunEvaluation evaluation = RunEvaluation.Read(Path.Combine(folder, RunEvaluation.FileName));
        IReadOnlyList<LabelledImage>? images = ImagesOf(folder, options, cancel);
        Dictionary<string, SplitRow> rows = SplitFile.ReadRows(Path.Combine(folder, "split.csv"));
        IReadOnlyList<LabelledImage> known = images ?? [.. rows.Select(row => Absent(row.Key, row.Value))];
        string answers = Path.Combine(folder, TestAnswers.FileName);
        return new(
            folder,
            options,
            evaluation,
            RunHistory.Of(File.ReadLines(Path.Combine(folder, "log.jsonl"))),
            File.Exists(answers) // a run of an earlier version has none
                ? TestAnswers.Read(answers, known.Where(image => image.Part == ImagePart.Test))
                : []
        )
        {
            Images = known,
            HasPictures = images is not null,
        };
    }

    /// <summary>The model's explainer; null where no place of an image can be shown.</summary>
    public Explainer? LoadExplainer()
    {
        try
        {
            return Explainer.Load(ModelPath, new() { Threads = 1, Limits = Options.Options.Limits });
        }
        catch (GraftException)
        {
            return null;
        }
    }

    /// <summary>A text of the run without folders of this machine.</summary>
    public string Relative(string text)
    {
        string images = Path.TrimEndingDirectorySeparator(Options.Images);
        text = text.Replace(Path.GetFullPath(Folder), ".", StringComparison.Ordinal);
        text = Path.IsPathRooted(images) ? text.Replace(images, SetName, StringComparison.Ordinal) : text;
        return Options.WorkingFolder is { Length: > 1 } working
            ? text.Replace(working + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)
            : text;
    }

    // Null where the images have changed or are gone, or were objects of a program.
    private static ImmutableArray<LabelledImage>? ImagesOf(string folder, RunOptions options, CancellationToken cancel)
    {
        try
        {
            return RunImages.Read(folder, options.Images, options.Repeated, progress: null, cancel).Images;
        }
        catch (GraftException)
        {
            return null;
        }
    }

    private Dictionary<string, IReadOnlyList<NearLabelled>> ReadNearest()
    {
        IReadOnlyList<NearestOfImage> found = NearestFile.Read(Folder);
        Dictionary<string, LabelledImage> images = found.Count == 0 ? [] : Images.ToDictionary(image => image.Name);
        return found.ToDictionary(
            one => one.Path,
            one =>
                (IReadOnlyList<NearLabelled>)
                    [
                        .. one.Nearest
                            .Where(near => images.ContainsKey(near.Path))
                            .Select(near => new NearLabelled(images[near.Path], near.Distance)),
                    ]
        );
    }

    private static LabelledImage Absent(string name, SplitRow row) =>
        new(row.Labels, name, _ => throw new ImageException(name, "the report does not know where it lies"))
        {
            Part = row.Part,
        };
}
