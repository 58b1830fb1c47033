namespace Graft.Imaging;

/// <summary>
/// One rendering of an image: 0 is the plain one, 1 and up are random crops and flips drawn from (seed, image, number).
/// </summary>
/// <param name="Number">0, or which of the random views.</param>
/// <param name="Seed">The run's seed; without meaning for the plain view.</param>
public readonly record struct ImageView(uint Number, ulong Seed)
{
    /// <summary>Resize and centre crop, nothing random.</summary>
    public static ImageView Plain => default;

    public bool IsPlain => Number == 0;
}
