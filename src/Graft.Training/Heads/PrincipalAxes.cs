using Graft.Training.Network;
using TorchSharp;
using static Graft.Training.Network.HeldScalar;
using static TorchSharp.torch;

namespace Graft.Training.Heads;

/// <summary>
/// Standardised rows in the orthonormal basis of their principal axes. A rotation changes neither the logits nor the penalty, and the penalised solution
/// lies in the space that the rows span, so that the regression in these r &lt;= min(N,F) coordinates has exactly the same solution. Two gains: 1,020 images
/// with 25,088 features cost as much as with 1,020, and the curvature is nearly diagonal here, which L-BFGS turns into several times fewer iterations.
/// </summary>
internal sealed class PrincipalAxes : IDisposable
{
    /// <summary>Above this smaller side the eigenvalues (cubic) cost more than they save; the rows are then taken as they are, in float32.</summary>
    public const int LargestSide = 4096;

    private const long SmallSide = 2048;          // below it a second thread gains little
    private const double Negligible = 1e-12;      // of the largest eigenvalue: below it lies rounding
    private const long BlockValues = 8_000_000;   // 64 MB of doubles at a time

    private readonly Tensor _raw;                 // [N,F] float32
    private readonly Tensor _mean;                // [F] float64
    private readonly Tensor _scale;               // [F] float64
    private readonly Tensor? _back;               // many features: [r,N], from coordinates to images; few: [r,F], to features; none: not rotated

    private PrincipalAxes(Tensor raw, Tensor mean, Tensor scale, Tensor coordinates, Tensor? back)
    {
        _raw = raw.DetachFromDisposeScope();
        _mean = mean.DetachFromDisposeScope();
        _scale = scale.DetachFromDisposeScope();
        Coordinates = coordinates.DetachFromDisposeScope();
        _back = back?.DetachFromDisposeScope();
    }

    /// <summary>[N,r] float64; [N,F] float32 where nothing was rotated.</summary>
    public Tensor Coordinates { get; }

    /// <param name="features">[N,F], finite.</param>
    /// <param name="standardisation">Centres the columns (L-BFGS needs it, the intercept makes it harmless) and scales them.</param>
    /// <param name="rotate">False: standardise only, for comparison.</param>
    public static PrincipalAxes Of(float[] features, Standardisation standardisation, bool rotate = true)
    {
        using DisposeScope scope = NewDisposeScope();
        int featureCount = standardisation.FeatureCount;
        int rowCount = features.Length / featureCount;
        Tensor raw = AlignedTensor.Of(features, [rowCount, featureCount]);                        // [N,F]
        Tensor mean = AlignedTensor.Of(standardisation.Mean);                                     // [F]
        Tensor scale = AlignedTensor.Of(standardisation.Scale);                                   // [F]
        if (!rotate || Math.Min(rowCount, featureCount) > LargestSide)
        {
            ScalarType precision = rotate ? ScalarType.Float32 : ScalarType.Float64;
            Tensor standardised = (raw - mean.to(precision)) / scale.to(precision);     // [N,F]
            return new(raw, mean, scale, standardised.to(precision), null);
        }

        return rowCount < featureCount ? OfFewRows(raw, mean, scale) : OfFewFeatures(raw, mean, scale);
    }

    /// <summary>The layer on standardised features whose logits are those of <paramref name="parameters"/> (weight [C,r], bias [C]) on the coordinates.</summary>
    public LinearLayer ToFeatures(double[] parameters, int classCount)
    {
        using DisposeScope scope = NewDisposeScope();
        int featureCount = (int)_raw.shape[1];
        int rank = (int)Coordinates.shape[1];
        double[] bias = parameters[^classCount..];
        double[] weight = parameters[..(classCount * rank)];
        if (_back is not null)
        {
            Tensor inner = AlignedTensor.Of(weight, [classCount, rank]).mm(_back);                // [C,N] or [C,F]
            Tensor outer = inner.shape[1] == featureCount && !IsOfFewRows ? inner : Spread(inner);
            weight = outer.contiguous().data<double>().ToArray();
        }

        return new(classCount, featureCount, weight, bias);
    }

    public void Dispose()
    {
        _raw.Dispose();
        _mean.Dispose();
        _scale.Dispose();
        Coordinates.Dispose();
        _back?.Dispose();
    }

    private bool IsOfFewRows => _raw.shape[0] < _raw.shape[1];

    /// <summary>X X' = U S^2 U', coordinates U S, weights back through S^-1 U' X.</summary>
    private static PrincipalAxes OfFewRows(Tensor raw, Tensor mean, Tensor scale)
    {
        long rowCount = raw.shape[0];
        Tensor products = zeros(rowCount, rowCount, ScalarType.Float64);                // [N,N]
        foreach ((long from, long to) in Blocks(raw.shape[1], rowCount))
        {
            using DisposeScope block = NewDisposeScope();
            Tensor columns = Standard(raw[.., (int)from..(int)to], mean[(int)from..(int)to], scale[(int)from..(int)to]);
            products.add_(columns.mm(columns.t()), One);
        }

        (Tensor squares, Tensor vectors) = Largest(products);                           // [r], [N,r]
        Tensor sizes = squares.sqrt();
        return new(raw, mean, scale, (vectors * sizes).contiguous(), (vectors / sizes).t().contiguous());
    }

    /// <summary>X' X = V S^2 V', coordinates X V, weights back through V'.</summary>
    private static PrincipalAxes OfFewFeatures(Tensor raw, Tensor mean, Tensor scale)
    {
        long featureCount = raw.shape[1];
        Tensor products = zeros(featureCount, featureCount, ScalarType.Float64);        // [F,F]
        foreach ((long from, long to) in Blocks(raw.shape[0], featureCount))
        {
            using DisposeScope block = NewDisposeScope();
            Tensor rows = Standard(raw[(int)from..(int)to], mean, scale);
            products.add_(rows.t().mm(rows), One);
        }

        Tensor vectors = Largest(products).Vectors;                                     // [F,r]
        Tensor coordinates = zeros(raw.shape[0], vectors.shape[1], ScalarType.Float64); // [N,r]
        foreach ((long from, long to) in Blocks(raw.shape[0], featureCount))
        {
            using DisposeScope block = NewDisposeScope();
            coordinates[(int)from..(int)to].copy_(Standard(raw[(int)from..(int)to], mean, scale).mm(vectors));
        }

        return new(raw, mean, scale, coordinates, vectors.t().contiguous());
    }

    /// <summary>[C,N] x standardised features [N,F], block by block.</summary>
    private Tensor Spread(Tensor inner)
    {
        Tensor outer = zeros(inner.shape[0], _raw.shape[1], ScalarType.Float64);        // [C,F]
        foreach ((long from, long to) in Blocks(_raw.shape[1], _raw.shape[0]))
        {
            using DisposeScope block = NewDisposeScope();
            Range columns = (int)from..(int)to;
            outer[.., columns].copy_(inner.mm(Standard(_raw[.., columns], _mean[columns], _scale[columns])));
        }

        return outer;
    }

    private static Tensor Standard(Tensor raw, Tensor mean, Tensor scale) => (raw.to(ScalarType.Float64) - mean) / scale;

    private static (Tensor Squares, Tensor Vectors) Largest(Tensor products)
    {
        using ThreadLimit threads = new(products.shape[0] <= SmallSide ? 1 : int.MaxValue);
        (Tensor squares, Tensor vectors) = linalg.eigh(products);                       // ascending
        double[] ascending = squares.data<double>().ToArray();
        int first = Array.FindIndex(ascending, square => square > Negligible * ascending[^1]);
        if (first < 0)
        {
            throw new GraftException("the features cannot be told apart: all images give the same values; use other images or another body");
        }

        return (squares[first..], vectors[.., first..]);
    }

    private static IEnumerable<(long From, long To)> Blocks(long length, long otherSide)
    {
        long step = Math.Max(1, BlockValues / otherSide);
        for (long from = 0; from < length; from += step)
        {
            yield return (from, Math.Min(length, from + step));
        }
    }
}
