using Graft.Imaging;

namespace Graft.Training;

/// <summary>What a set of images must have to be of use.</summary>
public sealed record ImageSetOptions
{
    /// <summary>The fewest classes. 2 for training; 1 where a trained model is only evaluated.</summary>
    public int LeastClasses { get; init; } = 2;

    /// <summary>
    /// The fewest usable images of a class. 2 for training, one to learn from and one to judge by; splitting off a test
    /// part needs 3. 1 for evaluation.
    /// </summary>
    public int LeastImages { get; init; } = 2;

    /// <summary>How deep folders may lie within each other, 1 to 1000.</summary>
    public int Depth { get; init; } = new Limits().FolderDepth;

    /// <summary>What one image may cost; larger ones are rejected.</summary>
    public DecodeLimits Limits { get; init; } = new();
}
