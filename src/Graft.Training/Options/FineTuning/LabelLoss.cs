namespace Graft.Training;

/// <summary>The loss of head training and fine-tuning where images may have several labels.</summary>
public enum LabelLoss
{
    /// <summary>Binary cross-entropy of every label: the usual one.</summary>
    CrossEntropy,

    /// <summary>
    /// The asymmetric loss (Ridnik et al., ICCV 2021) with the exponents 0 and 4 and a margin of 0.05: easy negatives
    /// count little, which helps where an image has few of many labels.
    /// </summary>
    Asymmetric,

    /// <summary>
    /// Binary cross-entropy, unless the asymmetric loss is clearly better on the validation images. Short trainings
    /// decide, as for depth and rate: see <see cref="SettingSearch"/>. Head training keeps cross-entropy.
    /// </summary>
    Auto,
}
