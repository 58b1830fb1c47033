using Graft.Infrastructure;

namespace Graft.Bench.Assemblies;

/// <summary>Random numbers of one picture, one after another.</summary>
internal sealed class Dice(ulong picture)
{
    private readonly CountedRandom _random = new(7, RandomPurpose.View, image: picture);
    private uint _draw;

    /// <summary>A number from one to another.</summary>
    public double Between(double low, double high) => low + ((high - low) * _random.Uniform(_draw++));

    /// <summary>A whole number from 0 to one less than a count.</summary>
    public int Below(int count) => (int)Between(0, count);

    /// <summary>A value without change from one point of a grid to the next but by chance, 0 to 1.</summary>
    public static double Grain(ulong picture, int x, int y)
    {
        ulong mixed = (picture * 0x9E3779B97F4A7C15) ^ ((ulong)(uint)x * 0xC2B2AE3D27D4EB4F) ^ ((ulong)(uint)y << 32);
        mixed = (mixed ^ (mixed >> 29)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 32)) * 0x94D049BB133111EB;
        return (mixed ^ (mixed >> 31)) / (double)ulong.MaxValue;
    }

    /// <summary>Smooth noise, 0 to 1.</summary>
    public static double Noise(ulong picture, double x, double y)
    {
        (int left, int top) = ((int)Math.Floor(x), (int)Math.Floor(y));
        (double right, double down) = (Smooth(x - left), Smooth(y - top));
        double above = Mix(Grain(picture, left, top), Grain(picture, left + 1, top), right);
        double below = Mix(Grain(picture, left, top + 1), Grain(picture, left + 1, top + 1), right);
        return Mix(above, below, down);
    }

    private static double Smooth(double part) => part * part * (3 - (2 * part));

    private static double Mix(double one, double other, double share) => one + ((other - one) * share);
}
