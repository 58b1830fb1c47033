using Graft.Infrastructure;
using Graft.Torch;
using Graft.Training.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Extraction;

/// <summary>The images that a phase trains on or is scored on: their rows in a store, and their classes.</summary>
/// <param name="FirstRows">Row of each image's view 0. Views 1, 2 ... follow it.</param>
/// <param name="Labels">Class number of each image.</param>
/// <param name="ViewsPerImage">Kept views of an image; 1: only the plain view.</param>
internal sealed record LabelledActivations(
    IActivationSource Source,
    IReadOnlyList<int> FirstRows,
    IReadOnlyList<int> Labels,
    int ViewsPerImage
)
{
    public int Count => Labels.Count;

    /// <summary>How training makes up for classes of different sizes.</summary>
    public Balance Balance { get; init; }

    /// <summary>
    /// Number of further views. If there are any, an epoch uses the one with its number instead of a drawn view.
    /// </summary>
    public int FreshViews { get; init; }

    /// <summary>The rows as text. A checkpoint is valid only for the same text.</summary>
    public string Description =>
        $"{string.Join(',', FirstRows)} {string.Join(',', Labels)} {ViewsPerImage} {FreshViews} {Balance}";

    /// <summary>Batches of the plain views, in order.</summary>
    public IEnumerable<Batch> PlainBatches(int size) =>
        Enumerable
            .Range(0, Count)
            .Chunk(size)
            .Select(images => Load(Array.ConvertAll(images, image => (image, 0)), null));

    /// <summary>
    /// The batches of an epoch. Every image appears once, or with <see cref="Balance.Sampling"/> every class equally
    /// often. Order and views are drawn from (seed, epoch, image).
    /// </summary>
    /// <param name="skip">Number of batches at the beginning that an earlier session has already used.</param>
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

    // weights: one for each image; null: all are 1
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
