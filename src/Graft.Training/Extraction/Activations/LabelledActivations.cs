using Graft.Infrastructure;
using Graft.Torch;
using Graft.Training.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Extraction;

/// <summary>The images that a phase trains on or is judged by: their rows in a store, and their classes.</summary>
/// <param name="FirstRows">Each image's row of view 0; views 1.. follow it.</param>
/// <param name="Labels">Class numbers, one an image.</param>
/// <param name="ViewsPerImage">1 where there is the plain view alone.</param>
internal sealed record LabelledActivations(
    IActivationSource Source,
    IReadOnlyList<int> FirstRows,
    IReadOnlyList<int> Labels,
    int ViewsPerImage
)
{
    public int Count => Labels.Count;

    /// <summary>What makes up for classes of different sizes while training on them.</summary>
    public Balance Balance { get; init; }

    /// <summary>
    /// Views behind those: where there are any, an epoch takes the one of its number in place of a drawn one. 0: none.
    /// </summary>
    public int FreshViews { get; init; }

    /// <summary>Which rows these are, as text: what a checkpoint of them belongs to.</summary>
    public string Description =>
        $"{string.Join(',', FirstRows)} {string.Join(',', Labels)} {ViewsPerImage} {FreshViews} {Balance}";

    /// <summary>The plain views, in order.</summary>
    public IEnumerable<Batch> PlainBatches(int size) =>
        Enumerable
            .Range(0, Count)
            .Chunk(size)
            .Select(images => Load(Array.ConvertAll(images, image => (image, 0)), null));

    /// <summary>
    /// An epoch: every image once (or every class as often, <c>Balance.Sampling</c>), in an order and
    /// each in a view drawn from (seed, epoch, image).
    /// </summary>
    /// <param name="skip">Batches at the beginning that are left out: an earlier session had them.</param>
    public IEnumerable<Batch> ShuffledBatches(int size, long seed, int epoch, int skip = 0)
    {
        (int Image, int Occurrence)[] order =
            Balance == Balance.Sampling
                ? BalancedEpoch.Draw(Labels, seed, epoch)
                : Array.ConvertAll(
                    new CountedRandom((ulong)seed, RandomPurpose.BatchOrder, (uint)epoch).Permutation(Count),
                    image => (image, 0)
                );
        float[]? weights =
            Balance == Balance.Weights
                ? Array.ConvertAll(ClassWeights.Balanced(Labels, Labels.Max() + 1), weight => (float)weight)
                : null;
        return order
            .Chunk(size)
            .Skip(skip)
            .Select(places =>
                Load(
                    Array.ConvertAll(places, place =>
                        (place.Image, ViewOf(seed, epoch, place.Image, place.Occurrence))
                    ),
                    weights
                )
            );
    }

    private int ViewOf(long seed, int epoch, int image, int occurrence) =>
        FreshViews > 0
            ? ViewsPerImage + (epoch % FreshViews)
            : new CountedRandom((ulong)seed, RandomPurpose.ViewChoice, (uint)epoch, (ulong)image).Below(
                ViewsPerImage,
                (uint)occurrence
            );

    // Of all images; null: one each.
    private Batch Load((int Image, int View)[] places, float[]? weights)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor activations = Source.Load(Array.ConvertAll(places, place => FirstRows[place.Image] + place.View));
        Tensor labels = tensor(Array.ConvertAll(places, place => (long)Labels[place.Image])); // [N]
        Tensor? factors = weights is null
            ? null
            : AlignedTensor.Of(Array.ConvertAll(places, place => weights[place.Image])); // [N]
        return new(activations.DetachFromDisposeScope(), labels.DetachFromDisposeScope())
        {
            Weights = factors?.DetachFromDisposeScope(),
        };
    }
}
