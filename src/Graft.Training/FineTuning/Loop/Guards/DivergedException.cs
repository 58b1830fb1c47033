namespace Graft.Training.FineTuning;

/// <summary>
/// The loss of a phase is not finite, or above that of guessing, however small the rate. It ends a run, but not a
/// search among rates.
/// </summary>
internal sealed class DivergedException(string message) : GraftException(message);
