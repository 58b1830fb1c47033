namespace Graft.Training;

/// <summary>
/// The machine stopped a run: its disk is full, read-only or gone, or its memory ran out. The files of the run are
/// whole, and <see cref="Trainer"/> can resume it. <see cref="GraftException.Subject"/> is its folder.
/// </summary>
public sealed class RunStoppedException : GraftException
{
    internal RunStoppedException(string folder, string message, Exception inner)
        : base(message, inner)
    {
        Subject = folder;
    }
}
