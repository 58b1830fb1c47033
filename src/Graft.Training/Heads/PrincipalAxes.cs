using Graft.Training.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Heads;

/// <summary>
/// Standardised rows in the orthonormal basis of their principal axes. A rotation changes neither the logits nor the penalty, and the penalised solution
/// lies in the space that the rows span, so that the regression in these r &lt;= min(N,F) coordinates has exactly the same solution (of more than 1,536 features and as many rows: to a few millionths). Two gains: 1,020 images
/// with 25,088 features cost as much as with 1,020, and the curvature is nearly diagonal here, which L-BFGS turns into several times fewer iterations.
/// </summary>
internal sealed class PrincipalAxes : IDisposable
{
    /// <summary>Above this smaller side the eigenvalues (cubic) cost more than they save; the rows are then taken as they are, in float32.</summary>
    public const int LargestSide = 4096;

    private const long SmallSide = 1536;          // below it a second thread gains little
    private const double Negligible = 1e-12;      // of the largest eigenvalue: below it lies rounding

    private readonly FeatureRows _features;
    private readonly Tensor _mean;                // [F] float64
    private readonly Tensor _scale;               // [F] float64
    private readonly StoredMatrix? _back;         // many features: [r,N], from coordinates to images; few: [r,F], to features; none: not rotated

    private PrincipalAxes(FeatureRows features, Tensor mean, Tensor scale, CoordinateRows coordinates, StoredMatrix? back)
    {
        _features = features;
        _mean = mean.DetachFromDisposeScope();
        _scale = scale.DetachFromDisposeScope();
        Coordinates = coordinates;
        _back = back;
    }

    /// <summary>[N,r]; [N,F] where nothing was rotated.</summary>
    public CoordinateRows Coordinates { get; }

    /// <param name="features">Finite.</param>
    /// <param name="standardisation">Centres the columns (L-BFGS needs it, the intercept makes it harmless) and scales them.</param>
    /// <param name="rotate">False: standardise only, for comparison.</param>
    /// <param name="crew">Who multiplies with the coordinates; null: the thread that asks.</param>
    public static PrincipalAxes Of(FeatureRows features, Standardisation standardisation, bool rotate = true, Crew? crew = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor mean = AlignedTensor.Of(standardisation.Mean);                                     // [F]
        Tensor scale = AlignedTensor.Of(standardisation.Scale);                                   // [F]
        if (!rotate || Math.Min(features.Count, features.FeatureCount) > LargestSide)
        {
            CoordinateRows standardised = new(features.Count, features.FeatureCount, crew);
            standardised.Fill((from, to) => Standard(features.Load(from, to - from), mean, scale));
            return new(features, mean, scale, standardised, null);
        }

        return features.Count < features.FeatureCount ? OfFewRows(features, mean, scale, crew) : OfFewFeatures(features, mean, scale, crew);
    }

    /// <summary>The layer on standardised features whose logits are those of <paramref name="parameters"/> (weight [C,r], bias [C]) on the coordinates.</summary>
    public LinearLayer ToFeatures(double[] parameters, int classCount)
    {
        using DisposeScope scope = NewDisposeScope();
        int rank = (int)Coordinates.FeatureCount;
        double[] bias = parameters[^classCount..];
        double[] weight = parameters[..(classCount * rank)];
        if (_back is not null)
        {
            Tensor inner = _back.LeftMultipliedBy(AlignedTensor.Of(weight, [classCount, rank]));   // [C,N] or [C,F]
            Tensor outer = _features.Count < _features.FeatureCount ? Spread(inner) : inner;      // [C,F]
            weight = outer.contiguous().data<double>().ToArray();
        }

        return new(classCount, _features.FeatureCount, weight, bias);
    }

    public void Dispose()
    {
        _mean.Dispose();
        _scale.Dispose();
        Coordinates.Dispose();
        _back?.Dispose();
    }

    /// <summary>X X' = U S^2 U', coordinates U S, weights back through S^-1 U' X.</summary>
    private static PrincipalAxes OfFewRows(FeatureRows features, Tensor mean, Tensor scale, Crew? crew)
    {
        long rowCount = features.Count;
        Tensor raw = features.Load(0, features.Count);                                  // [N,F]
        Tensor products = zeros(rowCount, rowCount, ScalarType.Float64);                // [N,N]
        foreach ((long from, long to) in RowBlocks.Of(raw.shape[1], rowCount))
        {
            using DisposeScope block = NewDisposeScope();
            Tensor columns = Standard(raw[.., (int)from..(int)to], mean[(int)from..(int)to], scale[(int)from..(int)to]);
            products.addmm_(columns, columns.t());
        }

        (Tensor squares, Tensor vectors) = Largest(products);                           // [r], [N,r]
        Tensor sizes = squares.sqrt();
        CoordinateRows coordinates = new(rowCount, sizes.shape[0], crew);
        coordinates.Fill((from, to) => vectors[from..to] * sizes);
        return new(features, mean, scale, coordinates, new(vectors / sizes));
    }

    /// <summary>X' X = V S^2 V', coordinates X V, weights back through V'.</summary>
    private static PrincipalAxes OfFewFeatures(FeatureRows features, Tensor mean, Tensor scale, Crew? crew)
    {
        long featureCount = features.FeatureCount;
        Tensor products = zeros(featureCount, featureCount, ScalarType.Float64);        // [F,F]
        foreach ((long from, long to) in RowBlocks.Of(features.Count, featureCount))
        {
            using DisposeScope block = NewDisposeScope();
            Tensor rows = Standard(features.Load((int)from, (int)(to - from)), mean, scale);
            products.addmm_(rows.t(), rows);
        }

        Tensor vectors = featureCount <= SmallSide ? Largest(products).Vectors : Basis(products);   // [F,r]
        CoordinateRows coordinates = new(features.Count, vectors.shape[1], crew);
        coordinates.Fill((from, to) => Standard(features.Load(from, to - from), mean, scale).mm(vectors));
        return new(features, mean, scale, coordinates, new(vectors));
    }

    /// <summary>[C,N] x standardised features [N,F], block by block.</summary>
    private Tensor Spread(Tensor inner)
    {
        Tensor outer = zeros(inner.shape[0], _features.FeatureCount, ScalarType.Float64);   // [C,F]
        foreach ((long from, long to) in RowBlocks.Of(_features.Count, _features.FeatureCount))
        {
            using DisposeScope block = NewDisposeScope();
            Tensor rows = Standard(_features.Load((int)from, (int)(to - from)), _mean, _scale);
            outer.addmm_(inner.narrow(1, from, to - from), rows);
        }

        return outer;
    }

    private static GraftException AllTheSame() => new("the features cannot be told apart: all images give the same values; use other images or another body");

    private static Tensor Standard(Tensor raw, Tensor mean, Tensor scale) => raw.to(ScalarType.Float64).sub_(mean).div_(scale);

    /// <param name="products">Not needed any more.</param>
    private static (Tensor Squares, Tensor Vectors) Largest(Tensor products)
    {
        using ThreadLimit threads = new(products.shape[0] <= SmallSide ? 1 : int.MaxValue);
        (Tensor squares, Tensor vectors) = linalg.eigh(products);                       // ascending
        products.Dispose();
        double[] ascending = squares.data<double>().ToArray();
        int first = Array.FindIndex(ascending, square => square > Negligible * ascending[^1]);
        return first < 0 ? throw AllTheSame() : (squares[first..], vectors[.., first..]);
    }

    /// <summary>
    /// All axes of many features, found in single precision: half of 4 F^2 numbers. They need not be exact for the coordinates to be: any orthonormal basis is one, and these lengths are right to a few
    /// millionths, which changes the penalty by as much.
    /// </summary>
    /// <param name="products">Not needed any more.</param>
    private static Tensor Basis(Tensor products)
    {
        Tensor single = products.to(ScalarType.Float32);
        products.Dispose();
        (Tensor squares, Tensor vectors) = linalg.eigh(single);                         // ascending
        single.Dispose();
        return squares[^1].item<float>() > 0 ? vectors.to(ScalarType.Float64) : throw AllTheSame();
    }
}
