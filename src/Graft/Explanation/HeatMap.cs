namespace Graft.Explanation;

/// <summary>How much each place of an image speaks for a class.</summary>
public sealed class HeatMap
{
    private readonly double[] _values;

    private HeatMap(int width, int height, double[] values) => (Width, Height, _values) = (width, height, values);

    /// <summary>Columns: those of the network's last feature map.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>
    /// Evidence for the class at a place, 0 to 1, relative to the strongest place of this image. 0 where the place
    /// speaks against the class.
    /// </summary>
    /// <param name="x">Column, from the left.</param>
    /// <param name="y">Row, from the top.</param>
    public double this[int x, int y]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(x);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(x, Width);
            ArgumentOutOfRangeException.ThrowIfNegative(y);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(y, Height);
            return _values[(y * Width) + x];
        }
    }

    /// <summary>The map of contributions to a score.</summary>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="contributions">What each place adds to the score, row-major.</param>
    internal static HeatMap Of(int width, int height, double[] contributions)
    {
        double most = Math.Max(contributions.Max(), 0);
        return new(width, height, Array.ConvertAll(contributions, value => most > 0 ? Math.Max(value, 0) / most : 0));
    }

    /// <summary>The value between the centres of places, by bilinear interpolation.</summary>
    /// <param name="across">Share of the width, 0 to 1.</param>
    /// <param name="down">Share of the height, 0 to 1.</param>
    internal double Between(double across, double down)
    {
        double x = Math.Clamp((across * Width) - 0.5, 0, Width - 1);
        double y = Math.Clamp((down * Height) - 0.5, 0, Height - 1);
        (int left, int top) = ((int)x, (int)y);
        (int right, int bottom) = (Math.Min(left + 1, Width - 1), Math.Min(top + 1, Height - 1));
        double above = this[left, top] + ((x - left) * (this[right, top] - this[left, top]));
        double below = this[left, bottom] + ((x - left) * (this[right, bottom] - this[left, bottom]));
        return above + ((y - top) * (below - above));
    }
}
