using System.Buffers;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Graft.Training.Extraction;

/// <summary>
/// The outputs of a frozen network at one edge: one row for each image and view. Rows are in the cache, or without a
/// cache in memory. A row that is in neither (it was damaged, had no room, or is a fresh view) is computed on demand.
/// The same code computes it, so it has the same bits. Several threads may write rows.
/// </summary>
/// <param name="shape">Shape of a row: C x H x W for maps, F for vectors, T x F for a transformer's tokens.</param>
/// <param name="stream">The part of the keys that all rows share.</param>
/// <param name="compute">Computes the values of an image's view, in the network's order.</param>
/// <param name="cache">Null: rows are kept in memory, up to <paramref name="memoryBudget"/> bytes.</param>
/// <param name="keptViews">Number of views whose rows are kept at most, whatever the table says.</param>
internal sealed class ActivationStore(
    IReadOnlyList<long> shape,
    ActivationFormat format,
    ViewIndex table,
    byte[] stream,
    CacheStream name,
    long seed,
    Func<LabelledImage, int, float[]> compute,
    ActivationCache? cache,
    long memoryBudget = long.MaxValue,
    int keptViews = int.MaxValue
) : IActivationSource
{
    /// <summary>
    /// Without a cache, rows take a third of the memory that is available when a run begins. The rest is for the
    /// network and its training.
    /// </summary>
    private const int MemoryShare = 3;

    private readonly ActivationCodec _codec = new(format, shape);
    private readonly CachedValue?[] _places = new CachedValue?[cache is null ? 0 : table.RowCount];
    private readonly byte[]?[] _held = new byte[]?[cache is null ? table.RowCount : 0];
    private long _heldBytes;
    private int _recomputed;

    /// <summary>Default limit of all rows in memory, in bytes.</summary>
    public static long MemoryBudget => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / MemoryShare;

    public IReadOnlyList<long> Shape => shape;

    /// <summary>Number of values of a row.</summary>
    public int Length { get; } = checked((int)shape.Aggregate(1L, (product, d) => product * d));

    public int RowBytes => _codec.RowBytes;

    /// <summary>Type of a batch whose rows must be decoded: float32 or bfloat16.</summary>
    public torch.ScalarType DecodedType { get; init; } = torch.ScalarType.Float32;

    /// <summary>Number of rows that should have been kept, but had to be computed again.</summary>
    public int RecomputedCount => _recomputed;

    /// <summary>The part of the keys that all rows share.</summary>
    public byte[] Stream => stream;

    /// <summary>True where rows of this view are kept at all.</summary>
    public bool IsViewKept(int view) => view < keptViews;

    /// <summary>True where a row is in the cache or in memory. Remembers its place.</summary>
    public bool Contains(int row)
    {
        if (cache is null)
        {
            return _held[row] is not null;
        }

        CachedValue? place = cache.Find(KeyOf(row));
        bool isWhole = place?.Bytes == RowBytes;
        _places[row] = isWhole ? place : null;
        return isWhole;
    }

    /// <exception cref="GraftException">A value is not finite.</exception>
    public void Write(int row, ReadOnlySpan<float> values)
    {
        byte[] bytes = new byte[RowBytes];
        _codec.Encode(values, bytes);
        if (cache is not null)
        {
            cache.Add(KeyOf(row), name, bytes);
        }
        else if (Interlocked.Add(ref _heldBytes, bytes.Length) <= memoryBudget)
        {
            _held[row] = bytes;
        }
    }

    /// <summary>
    /// A batch: [N,C,H,W] with channels last in memory, [N,F], or tokens [N,T,F]. Its type is that of the stored rows,
    /// or <see cref="DecodedType"/> where they must be decoded.
    /// </summary>
    public torch.Tensor Load(ReadOnlySpan<int> rows)
    {
        bool isSingle = format == ActivationFormat.Single;
        torch.ScalarType type =
            !format.IsPlain() ? DecodedType
            : isSingle ? torch.ScalarType.Float32
            : torch.ScalarType.BFloat16;
        torch.Tensor batch = torch.empty([rows.Length, Length], dtype: type); // [N,H*W*C]
        if (format.IsPlain())
        {
            Read(rows, batch.bytes);
        }
        else
        {
            Decode(rows, batch.bytes);
        }

        return shape is [long c, long h, long w] && !isSingle
            ? batch.view(rows.Length, h, w, c).permute(0, 3, 1, 2) // [N,C,H,W]
            : batch.view([rows.Length, .. shape]); // [N,F], or of a transformer's tokens [N,T,F]
    }

    /// <summary>Rows of float32 values, one row after the other.</summary>
    public float[] Gather(ReadOnlySpan<int> rows)
    {
        float[] values = GC.AllocateUninitializedArray<float>(checked(rows.Length * Length));
        Gather(rows, values);
        return values;
    }

    /// <summary>Rows of float32 values, one row after the other.</summary>
    /// <param name="values">Receives the values of all rows.</param>
    public void Gather(ReadOnlySpan<int> rows, Span<float> values) => Read(rows, MemoryMarshal.AsBytes(values));

    /// <summary>The key of a row in the cache.</summary>
    public byte[] KeyOf(int row)
    {
        (ExtractionItem item, int view) = table.Find(row);
        return CacheKey.OfRow(stream, item.Image.ContentHash, view, seed);
    }

    private void Decode(ReadOnlySpan<int> rows, Span<byte> target)
    {
        byte[] kept = ArrayPool<byte>.Shared.Rent(checked(rows.Length * RowBytes));
        Read(rows, kept.AsSpan(0, rows.Length * RowBytes));
        bool isRounded = DecodedType == torch.ScalarType.BFloat16;
        float[] single = isRounded ? new float[Length] : [];
        for (int i = 0; i < rows.Length; i++)
        {
            Span<float> values = isRounded ? single : MemoryMarshal.Cast<byte, float>(target).Slice(i * Length, Length);
            _codec.Decode(kept.AsSpan(i * RowBytes, RowBytes), values);
            if (isRounded)
            {
                ActivationCodec.Round(values, MemoryMarshal.Cast<byte, ushort>(target).Slice(i * Length, Length));
            }
        }

        ArrayPool<byte>.Shared.Return(kept);
    }

    private void Read(ReadOnlySpan<int> rows, Span<byte> target)
    {
        List<int> missing = [];
        for (int i = 0; i < rows.Length; i++)
        {
            if (!TryRead(rows[i], target.Slice(i * RowBytes, RowBytes)))
            {
                missing.Add(i);
            }
        }

        cache?.ReleaseReader();
        if (missing.Count > 0)
        {
            int[] asked = new int[missing.Count];
            for (int i = 0; i < asked.Length; i++)
            {
                asked[i] = rows[missing[i]];
            }

            byte[][] made = Make(asked);
            for (int i = 0; i < made.Length; i++)
            {
                made[i].CopyTo(target.Slice(missing[i] * RowBytes, RowBytes));
            }
        }
    }

    private bool TryRead(int row, Span<byte> target)
    {
        if (cache is null)
        {
            _held[row]?.CopyTo(target);
            return _held[row] is not null;
        }

        byte[] key = KeyOf(row);
        CachedValue? place = _places[row] ??= IsKept(row) ? cache.Find(key) : null;
        if (place is CachedValue found && cache.Read(found, key, target))
        {
            return true;
        }

        _places[row] = null;
        return false;
    }

    // In parallel, as in the extraction. Rows that should be kept are kept now.
    private byte[][] Make(int[] rows)
    {
        byte[][] made = new byte[rows.Length][];
        Workers.Run(
            [.. Enumerable.Range(0, rows.Length)],
            threads: 0,
            i =>
            {
                (ExtractionItem item, int view) = table.Find(rows[i]);
                made[i] = new byte[RowBytes];
                _codec.Encode(compute(item.Image, view), made[i]);
                if (IsKept(rows[i]))
                {
                    Interlocked.Increment(ref _recomputed);
                    cache?.Add(KeyOf(rows[i]), name, made[i]);
                }
            },
            CancellationToken.None
        );
        return made;
    }

    private bool IsKept(int row) => table.Find(row) is var (item, view) && view < item.KeptViews && IsViewKept(view);
}
