using Graft.Training.Features;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Phases;

/// <summary>The images that a phase trains on or is judged by: their rows in a store, and their classes.</summary>
/// <param name="FirstRows">Each image's row of view 0; views 1.. follow it.</param>
/// <param name="Labels">Class numbers, one an image.</param>
/// <param name="ViewsPerImage">1 where there is the plain view alone.</param>
internal sealed record LabelledRows(IRowSource Source, IReadOnlyList<int> FirstRows, IReadOnlyList<int> Labels, int ViewsPerImage)
{
    public int Count => Labels.Count;

    /// <summary>Which rows these are, as text: what a checkpoint of them belongs to.</summary>
    public string Description => $"{string.Join(',', FirstRows)} {string.Join(',', Labels)} {ViewsPerImage}";

    /// <summary>The plain views, in order.</summary>
    public IEnumerable<Batch> PlainBatches(int size) =>
        Enumerable.Range(0, Count).Chunk(size).Select(images => Load(images, _ => 0));

    /// <summary>An epoch: every image once, in an order and each in a view drawn from (seed, epoch, image).</summary>
    /// <param name="skip">Batches at the beginning that are left out: an earlier session had them.</param>
    public IEnumerable<Batch> ShuffledBatches(int size, long seed, int epoch, int skip = 0)
    {
        int[] order = new CountedRandom((ulong)seed, RandomPurpose.BatchOrder, (uint)epoch).Permutation(Count);
        return order.Chunk(size).Skip(skip).Select(images => Load(images, image => ViewOf(seed, epoch, image)));
    }

    private int ViewOf(long seed, int epoch, int image) =>
        new CountedRandom((ulong)seed, RandomPurpose.ViewChoice, (uint)epoch, (ulong)image).Below(ViewsPerImage, 0);

    private Batch Load(int[] images, Func<int, int> viewOf)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor activations = Source.Load(Array.ConvertAll(images, image => FirstRows[image] + viewOf(image)));
        Tensor labels = tensor(Array.ConvertAll(images, image => (long)Labels[image]));   // [N]
        return new(activations.DetachFromDisposeScope(), labels.DetachFromDisposeScope());
    }
}

/// <param name="Images">Activations at the cut, [N,C,H,W] or [N,F].</param>
/// <param name="Labels">[N] int64.</param>
internal sealed record Batch(Tensor Images, Tensor Labels) : IDisposable
{
    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
    }
}
