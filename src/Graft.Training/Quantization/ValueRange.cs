namespace Graft.Training.Quantization;

/// <summary>The range of an edge's values that 256 levels represent. It holds zero, which padding needs.</summary>
/// <param name="Low">Smallest value, at most 0.</param>
/// <param name="High">Largest value, at least 0.</param>
internal readonly record struct ValueRange(float Low, float High)
{
    private const int Levels = 255;

    /// <summary>Distance of two levels.</summary>
    public float Scale => High > Low ? (High - Low) / Levels : 1;

    /// <summary>The level that stands for 0.</summary>
    public byte ZeroPoint => (byte)Math.Clamp(MathF.Round(-Low / Scale), 0, Levels);

    /// <summary>The smallest range that holds two values and zero.</summary>
    public static ValueRange Of(float low, float high) => new(MathF.Min(low, 0), MathF.Max(high, 0));
}
