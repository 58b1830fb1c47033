namespace Graft.Prediction;

/// <summary>How many labels an image has.</summary>
public enum ClassificationTask
{
    /// <summary>Exactly one of the classes.</summary>
    SingleLabel,

    /// <summary>Any number of the classes, or none. Each class is a question of its own.</summary>
    MultiLabel,
}
