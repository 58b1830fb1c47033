using Graft.Training;

namespace Graft.Studio;

/// <summary>What a finding is about: each is one filter of the page.</summary>
internal enum FindingGroup
{
    /// <summary>A label that is likely wrong, or missing.</summary>
    Label,

    /// <summary>A copy, or almost the same picture.</summary>
    Duplicate,

    /// <summary>A file or picture unlike the others.</summary>
    Odd,

    /// <summary>A picture whose edges the network does not see.</summary>
    Cropped,

    /// <summary>A file that no training can use.</summary>
    Unreadable,

    /// <summary>A class, not an image.</summary>
    Class,
}

/// <summary>A finding about an open set.</summary>
/// <param name="Group">The filter that it belongs to.</param>
/// <param name="Kind">What was found.</param>
/// <param name="Name">Name of the image or the class.</param>
/// <param name="Text">Reason and advice.</param>
/// <param name="Image">Number of the image; null: the set does not hold it.</param>
/// <param name="Other">Number of the other image of a pair.</param>
/// <param name="Suggested">The class that the image looks like.</param>
/// <param name="Score">How sure the finding is; see <see cref="Finding.Score"/>.</param>
internal sealed record SetFinding(
    FindingGroup Group,
    FindingKind Kind,
    string Name,
    string Text,
    int? Image,
    int? Other,
    string? Suggested,
    double? Score
);

/// <summary>What the doctor found in an open set.</summary>
/// <param name="Items">The findings, the surest first within a group.</param>
internal sealed record SetFindings(IReadOnlyList<SetFinding> Items)
{
    /// <summary>Examines the images that a training would use.</summary>
    /// <exception cref="GraftException">They cannot be examined.</exception>
    public static async Task<SetFindings> ExamineAsync(
        SetSnapshot snapshot,
        StudioOptions options,
        IProgress<TrainingEvent> progress,
        CancellationToken cancel
    )
    {
        ImageSet images = await snapshot.LabelledSetAsync(options, cancel).ConfigureAwait(false);
        TrainingOptions training = options.Training;
        DoctorOptions examination = new()
        {
            Body = training.Body,
            Data = training.Data,
            Task = images.Task,
            Seed = training.Seed,
            Threads = training.Threads,
            Limits = training.Limits,
            Cache = training.Cache,
        };
        DataReport report = await DataDoctor
            .ExamineAsync(images, examination, progress, cancel)
            .ConfigureAwait(false);
        return Of(snapshot, report);
    }

    private static SetFindings Of(SetSnapshot snapshot, DataReport report)
    {
        Dictionary<string, int> numbers = snapshot.Labelled.ToDictionary(
            i => snapshot.Images[i].Image.Name,
            StringComparer.Ordinal
        );
        IEnumerable<SetFinding> found = report.Findings.Select(finding =>
        {
            FindingGroup group = GroupOf(finding.Kind);
            return new SetFinding(
                group,
                finding.Kind,
                finding.Path,
                finding.Text,
                group == FindingGroup.Class ? null : NumberOf(finding.Path),
                finding.Other is null ? null : NumberOf(finding.Other),
                finding.Suggested,
                finding.Score
            );
        });
        // the reader met these before there was a set
        IEnumerable<SetFinding> unread = snapshot.Set.Rejected.Select(file => new SetFinding(
            FindingGroup.Unreadable,
            FindingKind.Unreadable,
            file.Path,
            file.Reason,
            null,
            null,
            null,
            null
        ));
        return new([.. unread.Concat(found).OrderBy(one => one.Group).ThenByDescending(Sureness)]);

        int? NumberOf(string name) => numbers.TryGetValue(name, out int number) ? number : null;
    }

    // a small difference makes a sure duplicate
    private static double Sureness(SetFinding finding) =>
        finding.Group == FindingGroup.Duplicate ? -(finding.Score ?? 0) : finding.Score ?? 0;

    private static FindingGroup GroupOf(FindingKind kind) =>
        kind switch
        {
            FindingKind.WrongLabel or FindingKind.MissingLabel => FindingGroup.Label,
            FindingKind.Copy or FindingKind.NearDuplicate => FindingGroup.Duplicate,
            FindingKind.CroppedAway => FindingGroup.Cropped,
            FindingKind.FewImages or FindingKind.Imbalance or FindingKind.GreyClass => FindingGroup.Class,
            <= FindingKind.Misplaced => FindingGroup.Unreadable,
            _ => FindingGroup.Odd,
        };
}
