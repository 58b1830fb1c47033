namespace Graft.Training.FineTuning;

/// <summary>
/// A phase's loss is not finite, or above that of guessing, however small the rate: a run ends by it, a search among
/// rates does not.
/// </summary>
internal sealed class DivergedException(string message) : GraftException(message);
