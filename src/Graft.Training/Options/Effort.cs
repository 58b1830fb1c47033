namespace Graft.Training;

/// <summary>How much work a training does. It sets the defaults of options that are not given.</summary>
public enum Effort
{
    /// <summary>
    /// A linear probe of the plain views: seconds for hundreds of images. No random views, no fine-tuning.
    /// </summary>
    Quick,

    /// <summary>A probe with random views, then fine-tuning with a short search for depth and rate.</summary>
    Normal,

    /// <summary>
    /// As <see cref="Normal"/>, with up to twice the random views and a deep search, at up to four times the cost of
    /// each.
    /// </summary>
    Best,
}
