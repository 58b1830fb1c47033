using Graft.Infrastructure;
using Graft.Torch;
using Graft.Training.Data;
using Graft.Training.Metrics;
using TorchSharp;
using static TorchSharp.torch;

namespace Graft.Training.Extraction;

/// <summary>The images that a phase trains on or is scored on: their rows in a store, and their classes.</summary>
/// <param name="FirstRows">Row of each image's view 0. Views 1, 2 ... follow it.</param>
/// <param name="Labels">What is true of each image.</param>
/// <param name="ViewsPerImage">Kept views of an image; 1: only the plain view.</param>
internal sealed record LabelledActivations(
    IActivationSource Source,
    IReadOnlyList<int> FirstRows,
    TrueLabels Labels,
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
    public string Description => $"{string.Join(',', FirstRows)} {Labels} {ViewsPerImage} {FreshViews} {Balance}";

    /// <summary>Batches of the plain views, in order.</summary>
    public IEnumerable<Batch> PlainBatches(int size) =>
        Enumerable
            .Range(0, Count)
            .Chunk(size)
            .Select(images => Load(Array.ConvertAll(images, image => (image, 0)), default));

    /// <summary>
    /// The batches of an epoch. Every image appears once, or with <see cref="Balance.Sampling"/> every class equally
    /// often. Order and views are drawn from (seed, epoch, image).
    /// </summary>
    /// <param name="skip">Number of batches at the beginning that an earlier session has already used.</param>
    public IEnumerable<Batch> ShuffledBatches(int size, long seed, int epoch, int skip = 0)
    {
        (int Image, int Occurrence)[] order =
            Balance == Balance.Sampling && !Labels.AreSets
                ? BalancedEpoch.Draw(Labels.Numbers, seed, epoch)
                : Array.ConvertAll(
                    new CountedRandom((ulong)seed, RandomPurpose.BatchOrder, (uint)epoch).Permutation(Count),
                    image => (image, 0)
                );
        LossWeights weights = WeightsOfEpoch();
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

    // where an image has several classes, no draw balances them: both kinds of balance are weights of the positives
    private LossWeights WeightsOfEpoch() =>
        Labels.AreSets ? new(null, Balance == Balance.None ? null : ToSingles(ClassWeights.OfPositives(Labels)))
        : Balance == Balance.Weights
            ? new(ToSingles(ClassWeights.Balanced(Labels.Numbers, Labels.Numbers.Max() + 1)), null)
        : default;

    private static float[] ToSingles(double[] weights) => Array.ConvertAll(weights, weight => (float)weight);

    private int ViewOf(long seed, int epoch, int image, int occurrence) =>
        FreshViews > 0
            ? ViewsPerImage + (epoch % FreshViews)
            : new CountedRandom((ulong)seed, RandomPurpose.ViewChoice, (uint)epoch, (ulong)image).Below(
                ViewsPerImage,
                (uint)occurrence
            );

    private Batch Load((int Image, int View)[] places, LossWeights weights)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor activations = Source.Load(Array.ConvertAll(places, place => FirstRows[place.Image] + place.View));
        int[] images = Array.ConvertAll(places, place => place.Image);
        Tensor labels = Labels.AreSets
            ? SetsOf(images) // [N,C]
            : tensor(Array.ConvertAll(images, image => (long)Labels.Numbers[image])); // [N]
        Tensor? factors = // [N] or [N,C]
            weights.OfImages is float[] ofImages ? AlignedTensor.Of(Array.ConvertAll(images, image => ofImages[image]))
            : weights.OfPositives is float[] ofPositives ? FactorsOf(labels, ofPositives)
            : null;
        return new(activations.DetachFromDisposeScope(), labels.DetachFromDisposeScope())
        {
            Weights = factors?.DetachFromDisposeScope(),
        };
    }

    private Tensor SetsOf(int[] images) =>
        AlignedTensor.Of(
            Array.ConvertAll(Labels.At(images).Sets.ToArray(), has => (float)has),
            [images.Length, Labels.ClassCount]
        );

    // 1 + y (w - 1)
    private static Tensor FactorsOf(Tensor sets, float[] ofPositives) =>
        sets.mul(AlignedTensor.Of(ofPositives).Plus(-1.0)).Plus(1.0);

    // One factor for each image [N], or for the positives of each class [C]; null: 1.
    private readonly record struct LossWeights(float[]? OfImages, float[]? OfPositives);
}
