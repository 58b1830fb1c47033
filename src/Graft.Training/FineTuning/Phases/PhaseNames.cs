namespace Graft.Training.FineTuning;

/// <summary>Names of the phases in events, logs and timing.json.</summary>
internal static class PhaseNames
{
    /// <summary>Training of the head, the body frozen.</summary>
    public const string HeadTraining = "head training";

    /// <summary>Training of the head and the body's last layers.</summary>
    public const string FineTuning = "fine-tune";
}
