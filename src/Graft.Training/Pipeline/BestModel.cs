using Graft.Training.FineTuning;
using Graft.Training.Plans;
using Graft.Training.Probe;
using Graft.Training.Release;
using Graft.Training.Run;

namespace Graft.Training.Pipeline;

/// <summary>
/// The best model of a run so far. Its file is complete and checked each time, so a run that is stopped leaves it
/// behind.
/// </summary>
internal sealed class BestModel(PreparedRun prepared)
{
    private ModelCandidate? _written;

    /// <summary>Writes a candidate to model.onnx unless the file holds a better one.</summary>
    /// <param name="candidate">The candidate.</param>
    public void Offer(ProbeCandidate candidate)
    {
        // a resumed run does not replace what its earlier session left
        bool isFirst = _written is null && !File.Exists(prepared.Run.ModelPath);
        if (isFirst || (_written is not null && candidate.IsBetterThan(_written)))
        {
            Write(CandidateSelection.Between(candidate, null, "training has not ended"));
        }

        _written ??= candidate;
    }

    /// <summary>Writes the selected candidate, whatever the file holds.</summary>
    public ExportedModel Write(CandidateSelection selection) =>
        prepared.Clock.Run(PhaseNames.Export, prepared.Run.ModelPath, () => Export(selection), made => made.Summary);

    private ExportedModel Export(CandidateSelection selection)
    {
        ExportedModel exported = ModelExport.Write(
            selection,
            prepared.Body,
            prepared.Features.All,
            prepared.Data,
            ReleasePlans.Of(prepared.Options) with
            {
                IsReproducible = prepared.Cache?.Store is not { IsMixed: true },
            },
            prepared.Cache,
            prepared.Run
        );
        ModelCandidate shipped = selection.Shipped;
        bool isNew = _written is null || !ReferenceEquals(_written.Network, shipped.Network);
        _written = shipped;
        if (isNew)
        {
            prepared.Run.Report(
                new Improved(
                    shipped.Name,
                    shipped.Score.Accuracy,
                    shipped.AccuracyInterval,
                    prepared.Run.ModelPath,
                    prepared.Clock.Total
                )
                {
                    Task = prepared.Data.Task,
                }
            );
        }

        return exported;
    }
}
