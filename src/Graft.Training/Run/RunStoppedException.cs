namespace Graft.Training;

/// <summary>
/// The machine stopped a run: its disk is full, read-only or gone, or its memory ran out. The files of the run are
/// whole,
/// and <see cref="Trainer"/> can resume it.
/// </summary>
public sealed class RunStoppedException : GraftException
{
    internal RunStoppedException(string message, Exception inner)
        : base(message, inner) { }
}
