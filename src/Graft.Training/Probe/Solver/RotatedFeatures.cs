using System.Collections.Concurrent;
using Graft.Torch;
using Graft.Training.Extraction;
using TorchSharp;
using static Graft.Torch.SafeScalar;
using static TorchSharp.torch;

namespace Graft.Training.Probe;

/// <summary>
/// The rows of a regression, [N,r] in float32, in blocks. They are in memory or, where there are many, in a temporary
/// file that each product reads once. Products are summed over the same blocks in the same order for any number of
/// threads.
/// </summary>
internal sealed class RotatedFeatures : IDisposable
{
    /// <summary>Number of values up to which rows stay in memory: 64 MB.</summary>
    public const long MostInMemory = 16_000_000;
    private const int Groups = 8; // of blocks, each summed by one thread

    private readonly List<Tensor> _blocks = [];
    private readonly TemporaryFile? _file;
    private readonly WorkerThreads? _workers;
    private readonly bool _isOwner = true;
    private readonly ConcurrentBag<Buffers> _spare;
    private long _filled;

    /// <param name="workers">The threads that multiply; null: the calling thread.</param>
    public RotatedFeatures(long count, long featureCount, WorkerThreads? workers, long mostInMemory = MostInMemory)
    {
        (Count, FeatureCount, _workers, _spare) = (count, featureCount, workers, []);
        _file = count * featureCount > mostInMemory ? new(count * featureCount * sizeof(float)) : null;
    }

    private RotatedFeatures(RotatedFeatures rows)
    {
        (Count, FeatureCount, _workers, _file, _blocks, _spare, _filled, _isOwner) = (
            rows.Count,
            rows.FeatureCount,
            rows._workers,
            rows._file,
            rows._blocks,
            rows._spare,
            rows._filled,
            false
        );
        Precision = ScalarType.Float64;
    }

    public long Count { get; }

    /// <summary>Number of coordinates, r.</summary>
    public long FeatureCount { get; }

    /// <summary>Precision of the products.</summary>
    public ScalarType Precision { get; private init; } = ScalarType.Float32;

    /// <summary>The same rows, multiplied in double. Valid until this object is disposed.</summary>
    public RotatedFeatures InDouble => new(this);

    /// <summary>Given rows, in their own precision.</summary>
    /// <param name="rows">Rows [N,r], float32 or float64. This object owns them from now on.</param>
    public static RotatedFeatures Of(Tensor rows)
    {
        RotatedFeatures made = new(rows.shape[0], rows.shape[1], null, long.MaxValue) { Precision = rows.dtype };
        foreach ((long from, long to) in made.Ranges)
        {
            made._blocks.Add(rows.narrow(0, from, to - from).clone().DetachFromDisposeScope());
        }

        rows.Dispose();
        return made;
    }

    /// <summary>Mean squared length of the rows.</summary>
    public double MeanSquare()
    {
        using DisposeScope scope = NewDisposeScope();
        return ColumnSquares([ones(Count, ScalarType.Float64)])[0].sum().ReadNumber() / Count;
    }

    private (long From, long To)[] Ranges => [.. MatrixBlocks.Of(Count, FeatureCount)];

    /// <summary>
    /// Fills the rows block by block, from the first. <paramref name="make"/> gives the rows [to - from, r].
    /// </summary>
    public void Fill(Func<int, int, Tensor> make)
    {
        foreach ((long from, long to) in Ranges)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor rows = make((int)from, (int)to).to(ScalarType.Float32).contiguous(); // [n,r]
            if (_file is null)
            {
                _blocks.Add(rows.DetachFromDisposeScope());
                continue;
            }

            _file.Write(_filled, rows.bytes);
            _filled += (to - from) * FeatureCount * sizeof(float);
        }
    }

    /// <summary>Some rows, [n,r] float64.</summary>
    /// <param name="numbers">Numbers of the rows, ascending.</param>
    public Tensor Gather(int[] numbers)
    {
        List<Tensor> parts = [];
        Buffers buffers = new();
        for (int i = 0; i < Ranges.Length; i++)
        {
            (long from, long to) = Ranges[i];
            long[] inside = [.. numbers.Where(n => n >= from && n < to).Select(n => n - from)];
            if (inside.Length > 0)
            {
                parts.Add(Block(i, Ranges[i], buffers).index_select(0, tensor(inside)).to(ScalarType.Float64));
            }
        }

        buffers.Dispose();
        return cat(parts.ToArray(), 0);
    }

    /// <summary>The product [C,N] float64 of each of <paramref name="weights"/> [C,r] and the rows.</summary>
    public Tensor[] Times(IReadOnlyList<Tensor> weights)
    {
        Tensor together = cat(weights.ToArray(), 0).to(Precision); // [C+C+..,r]
        Tensor[] products = [.. weights.Select(weight => empty([weight.shape[0], Count], ScalarType.Float64))]; // [C,N]
        Each(
            (block, range, _) =>
            {
                Tensor product = together.mm(block.t()).to(ScalarType.Float64); // [C+C+..,n]
                long at = 0;
                foreach (Tensor target in products)
                {
                    target.narrow(1, range.From, range.To - range.From).copy_(product.narrow(0, at, target.shape[0]));
                    at += target.shape[0];
                }
            }
        );
        return products;
    }

    /// <summary>The product [C,r] float64 of each of <paramref name="residuals"/> [C,N] and the rows.</summary>
    public Tensor[] TransposedTimes(IReadOnlyList<Tensor> residuals) =>
        Summed(residuals, (left, block) => left.mm(block));

    /// <summary>
    /// The columns' weighted sums of squares, [r] float64, for each of <paramref name="weights"/> [N].
    /// </summary>
    /// <remarks>
    /// Each weight appears twice, because MKL multiplies a single row by different code, whose bits depend on the
    /// thread (seen on an Intel Xeon).
    /// </remarks>
    public Tensor[] ColumnSquares(IReadOnlyList<Tensor> weights) =>
        [
            .. Summed([.. weights.Select(weight => weight.unsqueeze(0).expand(2, -1))], (left, block) =>
                    left.mm(block.Squared())
                )
                .Select(squares => squares[0]),
        ];

    public void Dispose()
    {
        if (_isOwner)
        {
            while (_spare.TryTake(out Buffers? buffers))
            {
                buffers.Dispose();
            }

            _blocks.ForEach(block => block.Dispose());
            _file?.Dispose();
        }
    }

    private Tensor[] Summed(IReadOnlyList<Tensor> lefts, Func<Tensor, Tensor, Tensor> multiply)
    {
        long[] heights = [.. lefts.Select(left => left.shape[0])];
        Tensor?[] sums = new Tensor?[Groups];
        Each(
            (block, range, group) =>
            {
                Tensor left = cat(lefts.Select(some => some.narrow(1, range.From, range.To - range.From)).ToArray(), 0)
                    .to(Precision); // [C+C+..,n]
                Tensor product = multiply(left, block).to(ScalarType.Float64); // [C+C+..,r]
                if (sums[group] is Tensor sum)
                {
                    sum.add_(product, One);
                }
                else
                {
                    sums[group] = product.DetachFromDisposeScope();
                }
            }
        );
        Tensor total = sums[0]!;
        foreach (Tensor? sum in sums.Skip(1).OfType<Tensor>())
        {
            total.add_(sum, One);
            sum.Dispose();
        }

        Tensor[] parts = [.. total.split(heights, 0).Select(part => part.clone())];
        total.Dispose();
        return parts;
    }

    private void Each(Action<Tensor, (long From, long To), int> work)
    {
        (long From, long To)[] ranges = Ranges;
        int groups = Math.Min(Groups, ranges.Length);
        void Group(int group)
        {
            Buffers buffers = _spare.TryTake(out Buffers? before) ? before : new();
            for (int i = group * ranges.Length / groups; i < (group + 1) * ranges.Length / groups; i++)
            {
                using DisposeScope scope = NewDisposeScope();
                work(Block(i, ranges[i], buffers), ranges[i], group);
            }

            _spare.Add(buffers);
        }

        if (_workers is not null)
        {
            _workers.Run(groups, Group);
            return;
        }

        for (int group = 0; group < groups; group++)
        {
            Group(group);
        }
    }

    private Tensor Block(int number, (long From, long To) range, Buffers buffers)
    {
        Tensor rows = _file is null ? _blocks[number].alias() : Read(_file, range, buffers); // [n,r]
        return rows.dtype == Precision ? rows : Rows(ref buffers.Precise, Precision, range).copy_(rows);
    }

    private Tensor Read(TemporaryFile file, (long From, long To) range, Buffers buffers)
    {
        Tensor rows = Rows(ref buffers.Single, ScalarType.Float32, range); // [n,r]
        file.Read(range.From * FeatureCount * sizeof(float), rows.bytes);
        return rows;
    }

    private Tensor Rows(ref Tensor? buffer, ScalarType type, (long From, long To) range)
    {
        buffer ??= empty([Math.Min(Count, MatrixBlocks.Height(FeatureCount)), FeatureCount], type)
            .DetachFromDisposeScope();
        return buffer.narrow(0, 0, range.To - range.From);
    }

    /// <summary>
    /// Buffers of one thread for one block. They are reused, because glibc can seldom reuse freed pieces of many sizes.
    /// </summary>
    private sealed class Buffers : IDisposable
    {
        public Tensor? Single;
        public Tensor? Precise;

        public void Dispose()
        {
            Single?.Dispose();
            Precise?.Dispose();
        }
    }
}
