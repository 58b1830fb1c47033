using Graft.Infrastructure;

namespace Graft.Prediction;

/// <summary>A model file whose card is missing, damaged, of an unknown version, or does not fit the network.</summary>
public sealed class ModelCardException : GraftException
{
    /// <param name="model">The file, or what the caller calls it; printed in quotes with control characters
    /// escaped.</param>
    /// <param name="reason">The reason and the way out, without a full stop.</param>
    public ModelCardException(string model, string reason, Exception? inner = null)
        : base($"'{Printable.Text(model)}' cannot be used: {reason}", inner) { }
}
