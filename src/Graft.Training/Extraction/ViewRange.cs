namespace Graft.Training.Extraction;

/// <summary>The views from one number up to another. View 0 is the plain one.</summary>
/// <param name="First">The first view.</param>
/// <param name="End">The view after the last one.</param>
internal readonly record struct ViewRange(int First, int End)
{
    /// <summary>Every view.</summary>
    public static ViewRange All => new(0, int.MaxValue);

    /// <summary>The plain view alone.</summary>
    public static ViewRange Plain => new(0, 1);

    /// <summary>The random views.</summary>
    public static ViewRange Random => new(1, int.MaxValue);

    /// <summary>True where the plain view is among them.</summary>
    public bool HasPlain => First == 0 && End > 0;
}
