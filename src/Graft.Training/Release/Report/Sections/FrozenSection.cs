namespace Graft.Training.Release;

/// <summary>Which weights were kept, and the proof.</summary>
internal static class FrozenSection
{
    public static PageSection? Of(ReportSource source)
    {
        if (source.Evaluation.Frozen is not FrozenWeights frozen)
        {
            return null;
        }

        Figures figures = source.Figures;
        Markup kept = figures.Count("frozen.frozenParameters");
        Markup trained = figures.Count("frozen.trainedParameters");
        return new(
            "frozen",
            "What was frozen",
            "",
            [
                frozen.Cut is null
                    ? Block.Paragraph($"The whole body was frozen: {kept} parameters. {trained} belong to the head.")
                    : Block.Paragraph(
                        $"""
                        The body was frozen up to {frozen.Cut}: {kept} parameters. The layers behind it and the
                        head were trained: {trained} parameters.
                        """
                    ),
                Block.Paragraph(
                    $"""
                    The frozen weights {(frozen.AreUnchanged ? "are the same bit by bit" : "have changed")}. A
                    SHA-256 over all of them proves it:
                    """
                ),
                Block.Facts([
                    ("Before the training", Markup.Of($"<code>{frozen.Sha256Before}</code>")),
                    ("In the shipped model", Markup.Of($"<code>{frozen.Sha256After}</code>")),
                ]),
            ]
        );
    }
}
