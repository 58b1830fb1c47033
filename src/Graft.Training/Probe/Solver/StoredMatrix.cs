using Graft.Training.Extraction;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Probe;

/// <summary>
/// A float64 matrix [r,F] that is needed rarely and much later. It is in memory or, where it is large, in a temporary
/// file.
/// </summary>
internal sealed class StoredMatrix : IDisposable
{
    private const long MostInMemory = 2_000_000; // 16 MB

    private readonly TemporaryFile? _file;
    private readonly Tensor? _held;
    private readonly long _columns;

    /// <param name="transposed">The transpose [F,r]. Not kept.</param>
    public StoredMatrix(Tensor transposed, long mostInMemory = MostInMemory)
    {
        (_columns, Rows) = (transposed.shape[0], transposed.shape[1]);
        if (Rows * _columns <= mostInMemory)
        {
            _held = transposed.t().contiguous().DetachFromDisposeScope();
            return;
        }

        _file = new(Rows * _columns * sizeof(double));
        foreach ((long from, long to) in MatrixBlocks.Of(Rows, _columns))
        {
            using DisposeScope scope = NewDisposeScope();
            _file.Write(from * _columns * sizeof(double), transposed[.., (int)from..(int)to].t().contiguous().bytes);
        }
    }

    /// <summary>Number of coordinates, r.</summary>
    public long Rows { get; }

    /// <summary>The transpose [F,r], in LAPACK's layout. Valid until this object is disposed.</summary>
    public Tensor Transposed()
    {
        if (_held is not null)
        {
            return _held.t();
        }

        Tensor rows = empty([Rows, _columns], ScalarType.Float64);
        _file!.Read(0, rows.bytes);
        return rows.t();
    }

    /// <summary>The product [C,F] of a matrix [C,r] and this one.</summary>
    public Tensor LeftMultipliedBy(Tensor left)
    {
        if (_held is not null)
        {
            return left.mm(_held);
        }

        Tensor product = zeros(left.shape[0], _columns, ScalarType.Float64); // [C,F]
        foreach ((long from, long to) in MatrixBlocks.Of(Rows, _columns))
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor rows = empty([to - from, _columns], ScalarType.Float64);
            _file!.Read(from * _columns * sizeof(double), rows.bytes);
            product.addmm_(left.narrow(1, from, to - from), rows);
        }

        return product;
    }

    public void Dispose()
    {
        _file?.Dispose();
        _held?.Dispose();
    }
}
