namespace Graft.Training.Release;

/// <summary>What the run told its user.</summary>
internal static class NoticeSection
{
    public static PageSection? Of(ReportSource source)
    {
        Notice[] notices =
        [
            .. source
                .History.Notices.Where(notice => notice.Text != source.Evaluation.Reason)
                .OrderByDescending(notice => notice.IsWarning),
        ];
        return notices.Length == 0
            ? null
            : new(
                "notices",
                "Notices",
                "Automatic choices, and what deserves attention.",
                [
                    .. notices.Select(notice =>
                        Block.Box(notice.IsWarning ? "warning" : "note", source.Relative(notice.Text))
                    ),
                ]
            );
    }
}
