using System.Globalization;
using Graft.Infrastructure;
using Graft.Onnx;

namespace Graft.Training.FineTuning;

/// <summary>How deep and how fast a body is trained, and by which loss.</summary>
/// <param name="Cut">Where the trained part begins.</param>
/// <param name="Rate">Peak step size of the body's last layers.</param>
internal sealed record Setting(CutPoint Cut, double Rate)
{
    /// <summary>The loss where images may have several labels.</summary>
    public LabelLoss Loss { get; init; }

    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"rate {Rate:0.#######} from '{Printable.Text(Cut.Edge)}' on ({Cut.ShareAfter:P0} of the cost)"
        ) + (Loss == LabelLoss.Asymmetric ? " by the asymmetric loss" : "");
}

/// <summary>The setting that a run uses.</summary>
/// <param name="Setting">The setting. Null: only the head is trained.</param>
/// <param name="Trials">What was tried before. Empty: nothing.</param>
internal sealed record SelectedSetting(Setting? Setting, IReadOnlyList<TrialTable> Trials);
