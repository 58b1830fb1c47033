using Graft.Torch;
using Graft.Training.Bodies;
using Graft.Training.Extraction;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Probe;

/// <summary>
/// Standardised rows in the orthonormal basis of their principal axes. A rotation changes neither the logits nor the
/// penalty, and the penalised solution lies in the span of the rows. So the regression in these r &lt;= min(N,F)
/// coordinates has exactly the same solution. It is cheaper in two ways: 1,020 images with 25,088 features cost as much
/// as with 1,020 features, and the curvature is nearly diagonal, which saves L-BFGS most of its iterations. More than
/// 1,536 features of more images are rotated in parts. The basis is still orthonormal, but correlations between parts
/// stay off the diagonal (a tenth to a half more iterations), and the axes take two thirds of the memory.
/// </summary>
internal sealed class PrincipalAxes : IDisposable
{
    /// <summary>
    /// If the smaller side exceeds this, the eigenvalues (cubic cost) cost more than they save. The rows are then used
    /// without rotation, in float32.
    /// </summary>
    public const int LargestSide = 4096;

    private const int SmallSide = 1536; // of a part; up to it a second thread gains little
    private const double Negligible = 1e-12; // of the largest eigenvalue: below it lies rounding

    private readonly FeatureMatrix _features;
    private readonly Tensor _mean; // [F] float64
    private readonly Tensor _scale; // [F] float64

    // many features: [r,N], from coordinates to images; few: [r,f] for each part, to features; none: not rotated
    private readonly StoredMatrix[] _back;

    private PrincipalAxes(
        FeatureMatrix features,
        Tensor mean,
        Tensor scale,
        RotatedFeatures coordinates,
        StoredMatrix[] back
    )
    {
        _features = features;
        _mean = mean.DetachFromDisposeScope();
        _scale = scale.DetachFromDisposeScope();
        Coordinates = coordinates;
        _back = back;
    }

    /// <summary>The coordinates [N,r]; [N,F] where nothing was rotated.</summary>
    public RotatedFeatures Coordinates { get; }

    /// <param name="features">The features, all finite.</param>
    /// <param name="standardisation">
    /// Centres the columns, which L-BFGS needs and the biases compensate, and scales them.
    /// </param>
    /// <param name="rotate">False: only standardises, for comparison.</param>
    /// <param name="workers">The threads that multiply with the coordinates; null: the calling thread.</param>
    public static PrincipalAxes Of(
        FeatureMatrix features,
        Standardisation standardisation,
        bool rotate = true,
        WorkerThreads? workers = null
    )
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor mean = AlignedTensor.Of(standardisation.Mean); // [F]
        Tensor scale = AlignedTensor.Of(standardisation.Scale); // [F]
        if (!rotate || Math.Min(features.Count, features.FeatureCount) > LargestSide)
        {
            RotatedFeatures standardised = new(features.Count, features.FeatureCount, workers);
            standardised.Fill((from, to) => Standard(features.Load(from, to - from), mean, scale));
            return new(features, mean, scale, standardised, []);
        }

        return features.Count < features.FeatureCount
            ? OfFewRows(features, mean, scale, workers)
            : OfFewFeatures(features, mean, scale, workers);
    }

    /// <summary>
    /// The layer for standardised features that gives the same logits as <paramref name="parameters"/> (weights [C,r],
    /// biases [C]) on the coordinates.
    /// </summary>
    public LinearLayer ToFeatures(double[] parameters, int classCount)
    {
        using DisposeScope scope = NewDisposeScope();
        int rank = (int)Coordinates.FeatureCount;
        double[] bias = parameters[^classCount..];
        double[] weight = parameters[..(classCount * rank)];
        if (_back.Length > 0)
        {
            Tensor[] lefts = AlignedTensor
                .Of(weight, [classCount, rank])
                .split(Array.ConvertAll(_back, part => part.Rows), 1);
            Tensor inner = cat([.. _back.Select((part, p) => part.LeftMultipliedBy(lefts[p]))], 1); // [C,N] or [C,F]
            Tensor outer = _features.Count < _features.FeatureCount ? Spread(inner) : inner; // [C,F]
            weight = outer.contiguous().data<double>().ToArray();
        }

        return new(classCount, _features.FeatureCount, weight, bias);
    }

    public void Dispose()
    {
        _mean.Dispose();
        _scale.Dispose();
        Coordinates.Dispose();
        Array.ForEach(_back, part => part.Dispose());
    }

    /// <summary>Rotates by X X' = U S^2 U': the coordinates are U S, and weights return through S^-1 U' X.</summary>
    private static PrincipalAxes OfFewRows(FeatureMatrix features, Tensor mean, Tensor scale, WorkerThreads? workers)
    {
        long rowCount = features.Count;
        Tensor raw = features.Load(0, features.Count); // [N,F]
        Tensor products = zeros(rowCount, rowCount, ScalarType.Float64); // [N,N]
        foreach ((long from, long to) in MatrixBlocks.Of(raw.shape[1], rowCount))
        {
            using DisposeScope block = NewDisposeScope();
            Tensor columns = Standard(raw[.., (int)from..(int)to], mean[(int)from..(int)to], scale[(int)from..(int)to]);
            products.addmm_(columns, columns.t());
        }

        (Tensor squares, Tensor vectors) = Largest(products); // [r], [N,r]
        Tensor sizes = squares.sqrt();
        RotatedFeatures coordinates = new(rowCount, RequireAny(sizes.shape[0]), workers);
        coordinates.Fill((from, to) => vectors[from..to] * sizes);
        return new(features, mean, scale, coordinates, [new(vectors / sizes)]);
    }

    /// <summary>
    /// Rotates each part of the columns by X' X = V S^2 V': the coordinates are X V, and weights return through V'.
    /// </summary>
    private static PrincipalAxes OfFewFeatures(
        FeatureMatrix features,
        Tensor mean,
        Tensor scale,
        WorkerThreads? workers
    )
    {
        (int From, int To)[] parts = PartsOf(features.FeatureCount);
        Tensor[] products = Array.ConvertAll(parts, part =>
            zeros(part.To - part.From, part.To - part.From, ScalarType.Float64)
        ); // [f,f]
        foreach ((long from, long to) in MatrixBlocks.Of(features.Count, features.FeatureCount))
        {
            using DisposeScope block = NewDisposeScope();
            Tensor rows = Standard(features.Load((int)from, (int)(to - from)), mean, scale);
            for (int p = 0; p < parts.Length; p++)
            {
                Tensor columns = rows[.., parts[p].From..parts[p].To];
                products[p].addmm_(columns.t(), columns);
            }
        }

        StoredMatrix[] back = AxesOf(products);
        Tensor[] vectors = Array.ConvertAll(back, some => some.Transposed()); // [f,r]
        RotatedFeatures coordinates = new(features.Count, RequireAny(back.Sum(some => some.Rows)), workers);
        coordinates.Fill(
            (from, to) =>
            {
                Tensor rows = Standard(features.Load(from, to - from), mean, scale);
                return cat([.. parts.Select((part, p) => rows[.., part.From..part.To].mm(vectors[p]))], 1);
            }
        );
        return new(features, mean, scale, coordinates, back);
    }

    /// <summary>
    /// The axes [r,f] of each part; r is 0 where all features of the part are constant. The parts run one after the
    /// other, because LAPACK takes four times the memory of one.
    /// </summary>
    /// <param name="products">Products [f,f] of each part. Destroyed.</param>
    private static StoredMatrix[] AxesOf(Tensor[] products)
    {
        StoredMatrix[] waiting = Array.ConvertAll(products, some =>
        {
            StoredMatrix stored = new(some);
            some.Dispose();
            return stored;
        });
        return Array.ConvertAll(waiting, stored =>
        {
            using DisposeScope scope = NewDisposeScope();
            using StoredMatrix taken = stored;
            return new StoredMatrix(Largest(taken.Transposed()).Vectors);
        });
    }

    private static (int From, int To)[] PartsOf(int count)
    {
        int parts = (count + SmallSide - 1) / SmallSide;
        return [.. Enumerable.Range(0, parts).Select(p => (p * count / parts, (p + 1) * count / parts))];
    }

    /// <summary>The product of [C,N] and the standardised features [N,F], block by block.</summary>
    private Tensor Spread(Tensor inner)
    {
        Tensor outer = zeros(inner.shape[0], _features.FeatureCount, ScalarType.Float64); // [C,F]
        foreach ((long from, long to) in MatrixBlocks.Of(_features.Count, _features.FeatureCount))
        {
            using DisposeScope block = NewDisposeScope();
            Tensor rows = Standard(_features.Load((int)from, (int)(to - from)), _mean, _scale);
            outer.addmm_(inner.narrow(1, from, to - from), rows);
        }

        return outer;
    }

    private static long RequireAny(long axes) =>
        axes > 0
            ? axes
            : throw new GraftException(
                "the features cannot be told apart: all images give the same values; "
                    + "use other images, another fit or another body"
            );

    private static Tensor Standard(Tensor raw, Tensor mean, Tensor scale) =>
        raw.to(ScalarType.Float64).sub_(mean).div_(scale);

    /// <summary>The axes with variance, the largest last.</summary>
    /// <param name="products">The products. Destroyed.</param>
    private static (Tensor Squares, Tensor Vectors) Largest(Tensor products)
    {
        using ThreadLimit threads = new(products.shape[0] <= SmallSide ? 1 : int.MaxValue);
        (Tensor squares, Tensor vectors) = linalg.eigh(products); // ascending
        products.Dispose();
        double[] ascending = squares.data<double>().ToArray();
        int negligible = ascending.Count(square => !(square > Negligible * ascending[^1]));
        return (squares[negligible..], vectors[.., negligible..]);
    }
}
