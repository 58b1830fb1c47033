namespace Graft.Imaging;

/// <summary>
/// One way to render an image. View 0 is plain; views from 1 on are random crops and flips, which depend only on the
/// seed, the image's content and the number.
/// </summary>
/// <param name="Number">0 for the plain view, otherwise the number of the random view.</param>
/// <param name="Seed">Seed of the random views; the plain view ignores it.</param>
public readonly record struct ImageView(uint Number, ulong Seed)
{
    /// <summary>The view without randomness: resize and centre crop.</summary>
    public static ImageView Plain => default;

    /// <summary>Whether this is the plain view.</summary>
    public bool IsPlain => Number == 0;
}
