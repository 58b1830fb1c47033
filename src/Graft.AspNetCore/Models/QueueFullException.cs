namespace Graft.AspNetCore;

/// <summary>More images wait for a model than it accepts. A later attempt may succeed.</summary>
public sealed class QueueFullException : GraftException
{
    internal QueueFullException(string model, int length)
        : base($"the model '{model}' is busy: {length} images are waiting; try again in a second") { }
}
