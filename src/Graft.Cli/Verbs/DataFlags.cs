using System.CommandLine;
using Graft.Prediction;
using Graft.Training;

namespace Graft.Cli.Verbs;

/// <summary>
/// The options of all verbs that read labelled images, and how they become <see cref="DataOptions"/>.
/// </summary>
/// <param name="isSkipping">With the option that leaves out empty classes.</param>
internal sealed class DataFlags(bool isSkipping)
{
    private readonly Option<string> _layout = Flag.OneOf(
        "--layout",
        "What the folders are: classes, or parts such as train and test with folders of classes in them; auto: "
            + "decided by their names",
        new DataOptions().Layout
    );
    private readonly Option<string?> _task = Flag.OneOfOrNone<Labels>(
        "--task",
        "Labels of an image; single: exactly one; multi: any number, or none; by default multi where an image has "
            + "not exactly one"
    );
    private readonly Option<bool> _skipEmpty = Flag.Switch(
        "--skip-empty-classes",
        "Leave out class folders without a usable image, with a warning; otherwise they are an error"
    );
    private readonly Option<string?> _encoding = Flag.Text(
        "--encoding",
        "NAME",
        "Encoding of lists, ignore.txt and names in zip archives that are not UTF-8, such as windows-1252"
    );
    private readonly Option<string?> _groupBy = Flag.Text(
        "--group-by",
        "folder|REGEX",
        "Keeps groups of images in one part of every split; folder: by the folder below the class's; REGEX: by the "
            + "expression's first group in the image's path, such as patient-(\\d+)"
    );

    private readonly Option<bool> _cropBoxes = Flag.Switch(
        "--crop-boxes",
        "Cut out each box of COCO annotations as an image of its own, with the box's category as its class"
    );

    private enum Labels
    {
        Single,
        Multi,
    }

    public IEnumerable<Option> All =>
        isSkipping
            ? [_task, _layout, _skipEmpty, _encoding, _groupBy, _cropBoxes]
            : [_task, _layout, _encoding, _groupBy, _cropBoxes];

    /// <summary>Whether an image has one label or any number; null: the data decide.</summary>
    /// <param name="start">What holds where nothing is given.</param>
    public ClassificationTask? Task(ParseResult parsed, ClassificationTask? start) =>
        !parsed.IsGiven(_task) ? start
        : Flag.ValueOf<Labels>(parsed.GetValue(_task)!) == Labels.Multi ? ClassificationTask.MultiLabel
        : ClassificationTask.SingleLabel;

    /// <summary>How a set is read that may be of any size, as no training follows.</summary>
    /// <param name="limits">The limits that were given.</param>
    public ImageSetOptions ReadSet(ParseResult parsed, Limits limits) =>
        new()
        {
            LeastClasses = 1,
            LeastImages = 1,
            Limits = limits.Image,
            Data = Read(parsed, new()),
            Task = Task(parsed, null),
            Depth = limits.FolderDepth,
        };

    /// <summary>The options as they were given.</summary>
    /// <param name="start">What holds where nothing is given.</param>
    public DataOptions Read(ParseResult parsed, DataOptions start) =>
        start with
        {
            Layout = parsed.Named(_layout, start.Layout),
            SkipEmptyClasses = isSkipping && (start.SkipEmptyClasses || parsed.GetValue(_skipEmpty)),
            Encoding = parsed.GetValue(_encoding) ?? start.Encoding,
            GroupBy = parsed.GetValue(_groupBy) ?? start.GroupBy,
            CropBoxes = start.CropBoxes || parsed.GetValue(_cropBoxes),
        };
}
