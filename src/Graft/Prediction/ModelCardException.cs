using Graft.Infrastructure;

namespace Graft.Prediction;

/// <summary>
/// A model file whose card is missing, damaged, of an unknown version, or does not match the network.
/// </summary>
public sealed class ModelCardException : GraftException
{
    /// <summary>Creates the message "'model' cannot be used: reason".</summary>
    /// <param name="model">
    /// Path of the file, or the caller's name for it. The message escapes its control characters.
    /// </param>
    /// <param name="reason">The reason and a way out, without a full stop.</param>
    /// <param name="inner">Exception that caused this one, if any.</param>
    public ModelCardException(string model, string reason, Exception? inner = null)
        : base($"'{Printable.Text(model)}' cannot be used: {reason}", inner) { }
}
