namespace Graft.Training;

/// <summary>What a run tells while it works; also a line of log.jsonl each (progress excepted).</summary>
public abstract record TrainingEvent;

/// <summary>A phase begins: "read", "extract", "probe", "head training", "fine-tune", "export", "evaluate".</summary>
/// <param name="Detail">One line: what exactly is done, with numbers.</param>
public sealed record PhaseStarted(string Phase, string Detail) : TrainingEvent;

/// <summary>Within a phase; many a second, for a progress bar.</summary>
/// <param name="Done">Units done so far, 0 to <paramref name="Total"/>.</param>
/// <param name="Unit">"images", "steps" …</param>
/// <param name="PerSecond">Units a second so far.</param>
/// <param name="Left">The time until the phase ends, estimated.</param>
public sealed record Progressed(string Phase, long Done, long Total, string Unit, double PerSecond, TimeSpan Left)
    : TrainingEvent;

/// <summary>One pass over the training images has ended.</summary>
/// <param name="Epoch">Counted from 1.</param>
/// <param name="TrainLoss">Mean over the images, nats.</param>
/// <param name="ValidationLoss">Mean over the validation images, nats; null where training goes on all images and
/// nothing is judged.</param>
/// <param name="ValidationAccuracy">0..1; null likewise.</param>
/// <param name="Rate">Of the head, at the end of the epoch.</param>
public sealed record EpochEnded(
    string Phase,
    int Epoch,
    int Epochs,
    double TrainLoss,
    double? ValidationLoss,
    double? ValidationAccuracy,
    double Rate
) : TrainingEvent;

/// <summary>Something the user should know: a choice made, a setback, images left out.</summary>
public sealed record Notice(string Text, bool IsWarning = false) : TrainingEvent;

/// <summary>A phase has ended.</summary>
public sealed record PhaseEnded(string Phase, string Result, double Seconds) : TrainingEvent;

/// <summary>Several things were tried, and one was chosen.</summary>
/// <param name="Subject">What was chosen: "how far …".</param>
/// <param name="Trials">In the order of trying.</param>
/// <param name="Rule">By what the winner was chosen.</param>
public sealed record TrialsEnded(string Subject, IReadOnlyList<Trial> Trials, string Rule) : TrainingEvent;
